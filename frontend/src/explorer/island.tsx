import type { ReactNode } from "react";
import { Explorer } from "./Explorer";
import type { ExplorerProps } from "./Explorer";

/** The props are what `guildhall/modules/telemetry/web/explore.py` puts together. */
export function telemetryExplorerIsland(props: unknown): ReactNode {
  return <Explorer {...(props as ExplorerProps)} />;
}
