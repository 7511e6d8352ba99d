/** What the chart needs that comes with time: the present, the points of what is looked at, and thresholds of alarms. */
import { useCallback, useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { readThresholds, wordOfAsked } from "./api";
import type { Asked, Threshold } from "./api";
import { Loader } from "./loader";
import { joined, levelFor, numbersIn } from "./tiles";
import type { Points } from "./tiles";
import type { Span } from "./view";

export const NO_THRESHOLDS: readonly Threshold[] = [];

/** The time that passes, told every so often while the page can be seen. */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) {
        setNow(Date.now());
      }
    }, everyMs);
    return () => {
      clearInterval(timer);
    };
  }, [everyMs]);
  return now;
}

interface Found {
  readonly points: ReadonlyMap<number, Points>;
  readonly loading: boolean;
  readonly failure: string | null;
  readonly retry: () => void;
}

/** What is known about these datapoints in the range and beside it; what is missing is read. */
export function usePoints(datapoints: readonly number[], span: Span, asked: Asked, now: number): Found {
  const [loader] = useState(() => new Loader());
  const { version, loading, failure } = useSyncExternalStore(loader.subscribe, loader.state);
  useEffect(() => {
    loader.want(datapoints, span, asked);
  }, [loader, datapoints, span, asked, now]);
  useEffect(
    () => () => {
      loader.stop();
    },
    [loader],
  );
  const level = levelFor(span.to - span.from, asked.interval);
  const numbers = numbersIn(span, level);
  const first = (numbers[0] ?? 0) - 1;
  const last = (numbers.at(-1) ?? 0) + 1;
  const points = useMemo(() => {
    const what = wordOfAsked(asked);
    const places = Array.from({ length: last - first + 1 }, (_, place) => first + place);
    return new Map(
      datapoints.map((datapoint) => [
        datapoint,
        joined(places.map((number) => loader.tiles.best({ datapoint, what, level, number }))),
      ]),
    );
    // The version says when the loader's tiles are others.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [loader, version, datapoints, asked, level, first, last]);
  const retry = useCallback(() => {
    loader.retry();
  }, [loader]);
  return { points, loading, failure, retry };
}

export function useThresholds(datapoints: readonly number[]): readonly Threshold[] {
  const [thresholds, setThresholds] = useState(NO_THRESHOLDS);
  useEffect(() => {
    const aborter = new AbortController();
    readThresholds(datapoints, aborter.signal)
      .then(setThresholds)
      .catch((error: unknown) => {
        // The chart is right without them too.
        if (!aborter.signal.aborted) {
          console.warn("The alarm rules could not be read.", error);
        }
      });
    return () => {
      aborter.abort();
    };
  }, [datapoints]);
  return thresholds;
}
