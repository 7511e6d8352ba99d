/** The live stream of samples: server-sent events, reopened with a growing pause when the server refuses. */
import type { ConnectionState, Sample } from "./types";

export interface LiveEvents {
  onSample: (datapoint: number, sample: Sample) => void;
  onState: (state: ConnectionState) => void;
  /** The stream is open again after a loss that the server can't fill in: samples since then may be missing. */
  onGap: () => void;
}

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;

type Connect = (url: string) => EventSource;

function parse(data: unknown): { datapoint: number; sample: Sample } | null {
  if (typeof data !== "string") {
    return null;
  }
  const body: unknown = JSON.parse(data);
  if (typeof body !== "object" || body === null || !("datapoint" in body && "ts" in body && "value" in body)) {
    return null;
  }
  const { datapoint, ts, value } = body;
  if (typeof datapoint !== "number" || typeof ts !== "string" || typeof value !== "number") {
    return null;
  }
  return { datapoint, sample: { time: Date.parse(ts), value } };
}

/**
 * Listens to the samples of `datapoints` until the returned function is called. The browser itself reconnects after a
 * broken line and sends Last-Event-ID; after an HTTP error it gives up, and then this opens a new stream.
 */
export function listen(
  datapoints: readonly number[],
  events: LiveEvents,
  connect: Connect = (url) => new EventSource(url),
): () => void {
  const url = `/live/telemetry/?datapoints=${datapoints.join(",")}`;
  let source: EventSource;
  let pause = FIRST_PAUSE_MS;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let refused = false;

  const open = (): void => {
    events.onState("connecting");
    source = connect(url);
    source.addEventListener("open", () => {
      pause = FIRST_PAUSE_MS;
      events.onState("live");
      if (refused) {
        refused = false;
        events.onGap();
      }
    });
    source.addEventListener("sample", (event) => {
      const parsed = parse(event.data);
      if (parsed) {
        events.onSample(parsed.datapoint, parsed.sample);
      }
    });
    source.addEventListener("error", () => {
      events.onState("interrupted");
      if (source.readyState !== EventSource.CLOSED) {
        return;
      }
      refused = true;
      timer = setTimeout(open, pause);
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    });
  };

  open();
  return () => {
    clearTimeout(timer);
    source.close();
  };
}
