import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { listen } from "./stream";
import type { LiveEvents } from "./stream";

/** Does to its listeners what a browser's EventSource does; the server's side is the test. */
class FakeSource extends EventTarget {
  readyState: number = EventSource.CONNECTING;
  closed = false;

  constructor(readonly url: string) {
    super();
  }

  opened(): void {
    this.readyState = EventSource.OPEN;
    this.dispatchEvent(new Event("open"));
  }

  sample(data: string): void {
    this.dispatchEvent(new MessageEvent("sample", { data }));
  }

  failed(readyState: number): void {
    this.readyState = readyState;
    this.dispatchEvent(new Event("error"));
  }

  close(): void {
    this.closed = true;
  }
}

function start() {
  const sources: FakeSource[] = [];
  const log: unknown[] = [];
  const events: LiveEvents = {
    onSample: (datapoint, sample) => log.push([datapoint, sample]),
    onState: (state) => log.push(state),
    onGap: () => log.push("gap"),
  };
  const stop = listen([1, 2], events, (url) => {
    const source = new FakeSource(url);
    sources.push(source);
    return source as unknown as EventSource;
  });
  const newest = (): FakeSource => {
    const source = sources.at(-1);
    if (!source) {
      throw new Error("nothing was opened");
    }
    return source;
  };
  return { sources, log, stop, newest };
}

describe("listen", () => {
  beforeEach(() => {
    vi.stubGlobal("EventSource", { CONNECTING: 0, OPEN: 1, CLOSED: 2 });
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it("asks for its datapoints and hands on what comes", () => {
    const { log, newest } = start();
    expect(newest().url).toBe("/live/telemetry/?datapoints=1,2");
    newest().opened();
    newest().sample('{"datapoint": 2, "ts": "2026-11-20T12:00:00Z", "value": 21.5}');
    expect(log).toEqual(["connecting", "live", [2, { time: Date.UTC(2026, 10, 20, 12), value: 21.5 }]]);
  });

  it("passes over what is no sample", () => {
    const { log, newest } = start();
    newest().opened();
    for (const data of ["null", "{}", '{"datapoint": "2", "ts": "x", "value": 1}', "[1]"]) {
      newest().sample(data);
    }
    expect(log).toEqual(["connecting", "live"]);
  });

  it("leaves a broken line to the browser, which knows the last event", () => {
    const { sources, log, newest } = start();
    newest().opened();
    newest().failed(EventSource.CONNECTING);
    vi.advanceTimersByTime(60_000);
    newest().opened();
    expect(sources).toHaveLength(1);
    expect(log).toEqual(["connecting", "live", "interrupted", "live"]);
  });

  it("opens a new stream after a refusal, later each time, and tells of the gap", () => {
    const { sources, log, newest } = start();
    newest().failed(EventSource.CLOSED);
    vi.advanceTimersByTime(999);
    expect(sources).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(sources).toHaveLength(2);
    newest().failed(EventSource.CLOSED);
    vi.advanceTimersByTime(1999);
    expect(sources).toHaveLength(2);
    vi.advanceTimersByTime(1);
    newest().opened();
    expect(log.slice(-2)).toEqual(["live", "gap"]);
    newest().failed(EventSource.CLOSED);
    vi.advanceTimersByTime(1000);
    expect(sources).toHaveLength(4);
  });

  it("waits half a minute at the longest", () => {
    const { sources, newest } = start();
    for (let attempt = 0; attempt < 10; attempt++) {
      newest().failed(EventSource.CLOSED);
      vi.advanceTimersByTime(30_000);
    }
    expect(sources).toHaveLength(11);
  });

  it("ends for good when it is stopped", () => {
    const { sources, stop, newest } = start();
    newest().failed(EventSource.CLOSED);
    stop();
    vi.advanceTimersByTime(60_000);
    expect(sources).toHaveLength(1);
    expect(newest().closed).toBe(true);
  });
});
