/**
 * Mounts React components in pages made by templates: `<div data-island="name" data-props='{"json": true}'>`.
 * Each island is a chunk of its own, loaded only by pages that hold one.
 */
import type { ReactNode } from "react";

type Island = (props: unknown) => ReactNode;

const islands: Readonly<Record<string, () => Promise<Island>>> = {
  "telemetry-chart": async () => (await import("../telemetry/island")).telemetryChartIsland,
  "telemetry-explorer": async () => (await import("../explorer/island")).telemetryExplorerIsland,
};

async function mount(element: HTMLElement, load: () => Promise<Island>): Promise<void> {
  const [{ createRoot }, island] = await Promise.all([import("react-dom/client"), load()]);
  createRoot(element).render(island(JSON.parse(element.dataset["props"] ?? "{}")));
}

/** Mounts every island below `root`. A name that nobody knows is an error on the console, not a silent hole. */
export function mountIslands(root: ParentNode): void {
  for (const element of root.querySelectorAll<HTMLElement>("[data-island]")) {
    const name = element.dataset["island"] ?? "";
    const load = islands[name];
    if (!load) {
      console.error(`No island is called "${name}".`);
      continue;
    }
    mount(element, load).catch((error: unknown) => {
      console.error(`The island "${name}" did not start.`, error);
    });
  }
}
