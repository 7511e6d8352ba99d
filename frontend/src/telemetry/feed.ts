/** The samples of some datapoints over a moving window: the past from the API, the present from the live stream. */
import { loadHistory } from "./api";
import { Series } from "./series";
import { listen } from "./stream";
import type { ConnectionState, Datapoint } from "./types";

/** What the feed knows at one moment. A new object whenever something changed, at most once a frame for samples. */
export interface Snapshot {
  readonly series: readonly Series[];
  readonly connection: ConnectionState;
  readonly loading: boolean;
  readonly failure: string | null;
}

interface Sources {
  readonly loadHistory: typeof loadHistory;
  readonly listen: typeof listen;
}

/** Runs while somebody is subscribed; shaped for `useSyncExternalStore`. */
export class TelemetryFeed {
  readonly #byId: ReadonlyMap<number, Series>;
  readonly #windowMs: number;
  readonly #sources: Sources;
  readonly #subscribers = new Set<() => void>();
  #snapshot: Snapshot;
  #frame = 0;
  #stop: (() => void) | null = null;

  constructor(datapoints: readonly Datapoint[], windowMs: number, sources: Sources = { loadHistory, listen }) {
    this.#byId = new Map(datapoints.map(({ id }) => [id, new Series()]));
    this.#windowMs = windowMs;
    this.#sources = sources;
    this.#snapshot = { series: [...this.#byId.values()], connection: "connecting", loading: true, failure: null };
  }

  readonly snapshot = (): Snapshot => this.#snapshot;

  readonly subscribe = (subscriber: () => void): (() => void) => {
    this.#subscribers.add(subscriber);
    this.#stop ??= this.#start();
    return () => {
      this.#subscribers.delete(subscriber);
      if (this.#subscribers.size === 0) {
        this.#stop?.();
        this.#stop = null;
      }
    };
  };

  #start(): () => void {
    const aborter = new AbortController();
    const load = (): void => {
      void this.#load(aborter.signal);
    };
    const stopListening = this.#sources.listen([...this.#byId.keys()], {
      onSample: (id, sample) => {
        this.#byId.get(id)?.add(sample);
        this.#samplesChanged();
      },
      onState: (connection) => {
        this.#change({ connection });
      },
      onGap: load,
    });
    load();
    return () => {
      aborter.abort();
      stopListening();
      cancelAnimationFrame(this.#frame);
      this.#frame = 0;
    };
  }

  async #load(signal: AbortSignal): Promise<void> {
    const end = Date.now();
    try {
      await Promise.all(
        [...this.#byId].map(async ([id, series]) => {
          series.merge(await this.#sources.loadHistory(id, end - this.#windowMs, end, signal));
        }),
      );
      this.#change({ loading: false, failure: null });
    } catch (error) {
      if (!signal.aborted) {
        this.#change({ loading: false, failure: error instanceof Error ? error.message : String(error) });
      }
    }
  }

  #samplesChanged(): void {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      for (const series of this.#byId.values()) {
        series.forgetBefore(Date.now() - this.#windowMs);
      }
      this.#change({});
    });
  }

  #change(change: Partial<Snapshot>): void {
    this.#snapshot = { ...this.#snapshot, ...change, series: [...this.#byId.values()] };
    for (const subscriber of this.#subscribers) {
      subscriber();
    }
  }
}
