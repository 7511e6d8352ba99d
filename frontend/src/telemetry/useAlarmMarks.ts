import { useEffect, useState } from "react";
import { NO_MARKS, loadMarks } from "./alarms";
import type { AlarmMarks } from "./alarms";
import type { Datapoint } from "./types";

const AGAIN_MS = 5000;

/** The marks of a window that ends now, read again and again. Where they can't be read, those from before stay. */
export function useAlarmMarks(datapoints: readonly Datapoint[], windowMs: number): AlarmMarks {
  const [marks, setMarks] = useState(NO_MARKS);
  useEffect(() => {
    const aborter = new AbortController();
    const ids = datapoints.map(({ id }) => id);
    let shown = "";
    const load = (): void => {
      if (document.hidden || ids.length === 0) {
        return;
      }
      loadMarks(ids, Date.now() - windowMs, aborter.signal).then(
        (found) => {
          const text = JSON.stringify(found);
          if (text !== shown) {
            shown = text;
            setMarks(found);
          }
        },
        () => undefined,
      );
    };
    load();
    const timer = setInterval(load, AGAIN_MS);
    return () => {
      clearInterval(timer);
      aborter.abort();
    };
  }, [datapoints, windowMs]);
  return marks;
}
