/** Reads the tiles that are looked at: what can be seen first, then what is beside it, and what changes again. */
import { readTile, wordOfAsked } from "./api";
import type { Asked } from "./api";
import { levelFor, numbersIn, spanOfTile, Tiles } from "./tiles";
import type { Points, TileKey } from "./tiles";
import type { Span } from "./view";

export interface LoaderState {
  /** Another number whenever other values are there. */
  readonly version: number;
  /** Whether something that can be seen is not there yet. */
  readonly loading: boolean;
  readonly failure: string | null;
}

interface Request {
  readonly word: string;
  readonly keys: readonly TileKey[];
  readonly asked: Asked;
  readonly isSeen: boolean;
}

/** While the chart moves quickly, nothing is asked that would be out of sight when it comes. */
const SETTLE_MS = 80;
const AT_ONCE = 4;
const RETRY_MS = 5000;
/** What is past may still be corrected or come late. */
const CLOSED_KEPT_MS = 5 * 60_000;
const LATE_MS = 60_000;
const REFRESHES_OF_SPAN = 300;
const QUICKEST_REFRESH_MS = 2000;
const SLOWEST_REFRESH_MS = 60_000;

/** How soon what goes on is read anew, where so much time is shown. */
export function refreshMs(lengthMs: number): number {
  return Math.min(Math.max(lengthMs / REFRESHES_OF_SPAN, QUICKEST_REFRESH_MS), SLOWEST_REFRESH_MS);
}

export class Loader {
  readonly tiles = new Tiles();
  readonly #read: typeof readTile;
  readonly #subscribers = new Set<() => void>();
  readonly #running = new Map<string, AbortController>();
  #wanted: readonly Request[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #state: LoaderState = { version: 0, loading: false, failure: null };
  #failedAt = -Infinity;

  constructor(read: typeof readTile = readTile) {
    this.#read = read;
  }

  readonly state = (): LoaderState => this.#state;

  readonly subscribe = (subscriber: () => void): (() => void) => {
    this.#subscribers.add(subscriber);
    return () => {
      this.#subscribers.delete(subscriber);
    };
  };

  /** From now on this is looked at. What is no longer is not asked any more. */
  want(datapoints: readonly number[], span: Span, asked: Asked): void {
    const level = levelFor(span.to - span.from, asked.interval);
    const what = wordOfAsked(asked);
    const seen = numbersIn(span, level);
    const beside = seen.length > 0 ? [(seen.at(-1) ?? 0) + 1, (seen[0] ?? 0) - 1] : [];
    const now = Date.now();
    const stale = (key: TileKey, isSeen: boolean): boolean => {
      const loadedAt = this.tiles.loadedAt(key);
      const { from, to } = spanOfTile(key);
      if (loadedAt === undefined) {
        return from < now + LATE_MS;
      }
      const isOpen = to > loadedAt - LATE_MS;
      return isSeen && now - loadedAt > (isOpen ? refreshMs(span.to - span.from) : CLOSED_KEPT_MS);
    };
    this.#wanted = [...seen, ...beside].flatMap((number, place) => {
      const isSeen = place < seen.length;
      const keys = datapoints
        .map((datapoint) => ({ datapoint, what, level, number }))
        .filter((key) => stale(key, isSeen));
      const word = `${what} ${level} ${number} ${keys.map(({ datapoint }) => datapoint).join(",")}`;
      return keys.length > 0 ? [{ word, keys, asked, isSeen }] : [];
    });
    const words = new Set(this.#wanted.map(({ word }) => word));
    for (const [word, aborter] of this.#running) {
      if (!words.has(word)) {
        aborter.abort();
        this.#running.delete(word);
      }
    }
    this.#schedule(SETTLE_MS);
    this.#tell({});
  }

  /** Try again at once what could not be read. */
  retry(): void {
    this.#failedAt = -Infinity;
    this.#tell({ failure: null });
    this.#schedule(0);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#wanted = [];
    for (const aborter of this.#running.values()) {
      aborter.abort();
    }
    this.#running.clear();
  }

  #schedule(pause: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#start();
    }, pause);
  }

  #start(): void {
    const wait = this.#failedAt + RETRY_MS - Date.now();
    if (wait > 0) {
      this.#schedule(wait);
      return;
    }
    for (const request of this.#wanted) {
      if (this.#running.size >= AT_ONCE) {
        return;
      }
      if (!this.#running.has(request.word)) {
        void this.#run(request);
      }
    }
  }

  async #run(request: Request): Promise<void> {
    const aborter = new AbortController();
    this.#running.set(request.word, aborter);
    const ids = request.keys.map(({ datapoint }) => datapoint);
    const [key] = request.keys;
    try {
      const askedAt = Date.now();
      const found = key ? await this.#read(ids, spanOfTile(key), request.asked, aborter.signal) : new Map<number, Points>();
      for (const one of request.keys) {
        this.tiles.put(one, found.get(one.datapoint) ?? { times: [], values: [] }, askedAt);
      }
      this.#done(request);
      this.#tell({ version: this.#state.version + 1, failure: null });
      this.#start();
    } catch (error) {
      if (!aborter.signal.aborted) {
        this.#running.delete(request.word);
        this.#failedAt = Date.now();
        this.#tell({ failure: error instanceof Error ? error.message : String(error) });
        this.#schedule(RETRY_MS);
      }
    }
  }

  #done({ word }: Request): void {
    this.#running.delete(word);
    this.#wanted = this.#wanted.filter((request) => request.word !== word);
  }

  #tell(change: Partial<LoaderState>): void {
    const loading = this.#wanted.some(
      ({ isSeen, keys }) => isSeen && keys.some((key) => this.tiles.loadedAt(key) === undefined),
    );
    const state = { ...this.#state, loading, ...change };
    if (state.loading === this.#state.loading && state.version === this.#state.version && state.failure === this.#state.failure) {
      return;
    }
    this.#state = state;
    for (const subscriber of this.#subscribers) {
      subscriber();
    }
  }
}
