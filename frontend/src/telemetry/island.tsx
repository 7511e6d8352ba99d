import type { ReactNode } from "react";
import { TelemetryChart } from "./TelemetryChart";
import type { Datapoint } from "./types";

const DEFAULT_WINDOW_S = 3600;

function isDatapoint(value: unknown): value is Datapoint {
  return (
    typeof value === "object" &&
    value !== null &&
    "id" in value &&
    typeof value.id === "number" &&
    "name" in value &&
    typeof value.name === "string" &&
    "unit" in value &&
    typeof value.unit === "string"
  );
}

/** `data-props='{"datapoints": [{"id": 1, "name": "Temperature", "unit": "°C"}], "window": 3600}'`, window in seconds. */
export function telemetryChartIsland(props: unknown): ReactNode {
  const given = typeof props === "object" && props !== null ? props : {};
  const datapoints = "datapoints" in given && Array.isArray(given.datapoints) ? given.datapoints.filter(isDatapoint) : [];
  const window = "window" in given && typeof given.window === "number" ? given.window : DEFAULT_WINDOW_S;
  return <TelemetryChart datapoints={datapoints} window={window} />;
}
