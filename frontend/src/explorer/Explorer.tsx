import { ChartLine, Plus } from "lucide-react";
import { useCallback, useEffect, useMemo, useState } from "react";
import { t } from "../messages";
import { listen } from "../telemetry/stream";
import type { Sample } from "../telemetry/types";
import type { Described } from "./api";
import { Picker } from "./Picker";
import type { TreePlace } from "./Picker";
import { Shown } from "./Shown";
import { searchOf, viewOf } from "./view";
import type { View } from "./view";

export interface ExplorerProps {
  readonly organization: string;
  readonly places: readonly TreePlace[];
  /** Whether the places are all there are. */
  readonly complete: boolean;
  /** The datapoints of the address, as far as one sees them. */
  readonly chosen: readonly Described[];
  readonly most: number;
  readonly zone: string;
  readonly zones: readonly string[];
}

function latestOf({ id, latest }: Described): [number, Sample][] {
  return latest ? [[id, { time: Date.parse(latest.ts), value: latest.value }]] : [];
}

/** Several series on one chart. What it shows stands in the address of the page. */
export function Explorer({ organization, places, complete, chosen, most, zone: ownZone, zones: known }: ExplorerProps) {
  const zones = useMemo(() => [...new Set([ownZone, ...known])], [ownZone, known]);
  const [described, setDescribed] = useState(() => new Map(chosen.map((one) => [one.id, one])));
  const [view, setView] = useState<View>(() => {
    const asked = viewOf(location.search, zones, ownZone, most);
    // What one can't see, or what is gone, is left out.
    return { ...asked, datapoints: asked.datapoints.filter((id) => chosen.some((one) => one.id === id)) };
  });
  const [latest, setLatest] = useState(() => new Map(chosen.flatMap(latestOf)));
  const [hidden, setHidden] = useState<ReadonlySet<number>>(new Set());
  const [isPicking, setPicking] = useState(false);

  useEffect(() => {
    history.replaceState(null, "", `${location.pathname}${searchOf(view, ownZone)}`);
  }, [view, ownZone]);

  const shown = useMemo(
    () => view.datapoints.flatMap((id) => described.get(id) ?? []),
    [view.datapoints, described],
  );
  const change = useCallback((changes: Partial<View>): void => {
    setView((before) => ({ ...before, ...changes }));
  }, []);
  const toggle = (datapoint: Described): void => {
    setDescribed((before) => new Map(before).set(datapoint.id, datapoint));
    setLatest((before) => new Map([...latestOf(datapoint), ...before]));
    setView((before) => ({
      ...before,
      datapoints: before.datapoints.includes(datapoint.id)
        ? before.datapoints.filter((id) => id !== datapoint.id)
        : [...before.datapoints, datapoint.id].slice(0, most),
    }));
  };
  const ids = view.datapoints.join(",");
  useEffect(() => {
    if (ids === "") {
      return;
    }
    return listen(ids.split(",").map(Number), {
      onSample: (id, sample) => {
        setLatest((before) => ((before.get(id)?.time ?? -Infinity) > sample.time ? before : new Map(before).set(id, sample)));
      },
      onState: () => undefined,
      onGap: () => undefined,
    });
  }, [ids]);

  return (
    <div className="flex flex-col gap-5">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <button
          type="button"
          className="btn btn-primary"
          onClick={() => {
            setPicking(true);
          }}
        >
          <Plus aria-hidden="true" className="size-4" />
          {t("Choose datapoints")}
        </button>
      </div>
      {shown.length === 0 ? (
        <div className="panel flex flex-col items-center px-6 py-14 text-center">
          <ChartLine aria-hidden="true" className="mb-4 size-8 text-primary" />
          <h2 className="text-lg font-semibold">{t("Nothing is chosen yet")}</h2>
          <p className="quiet mt-1 max-w-sm text-[0.9375rem] text-pretty">
            {t("Choose one or several datapoints. The address of the page then leads back to this chart.")}
          </p>
        </div>
      ) : (
        <Shown
          shown={shown}
          latest={latest}
          hidden={hidden}
          view={view}
          zones={zones}
          onChange={change}
          onHide={(id) => {
            setHidden((before) => (before.has(id) ? new Set([...before].filter((one) => one !== id)) : new Set([...before, id])));
          }}
          onRemove={(id) => {
            change({ datapoints: view.datapoints.filter((one) => one !== id) });
          }}
        />
      )}
      {isPicking && (
        <Picker
          organization={organization}
          places={places}
          complete={complete}
          chosen={view.datapoints}
          most={most}
          onToggle={toggle}
          onClose={() => {
            setPicking(false);
          }}
        />
      )}
    </div>
  );
}
