/** A datapoint as the page names it; `unit` may be empty. */
export interface Datapoint {
  readonly id: number;
  readonly name: string;
  readonly unit: string;
}

/** One value of a datapoint; `time` is in milliseconds since 1970, UTC. */
export interface Sample {
  readonly time: number;
  readonly value: number;
}

export type ConnectionState = "connecting" | "live" | "interrupted";
