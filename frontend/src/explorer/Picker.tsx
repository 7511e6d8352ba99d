import { ChevronRight, Search } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import { t } from "../messages";
import { formatWithUnit } from "../telemetry/format";
import { readDatapoints, readPage } from "./api";
import type { Described, Page } from "./api";
import { placeOf } from "./Legend";

const PAUSE_MS = 200;

/** A project as a whole, or an object of it. */
export interface TreePlace {
  readonly project: string;
  readonly projectName: string;
  readonly object: string | null;
  readonly objectName: string | null;
  readonly count: number;
}

interface Props {
  readonly organization: string;
  readonly places: readonly TreePlace[];
  /** Whether the places are all there are. */
  readonly complete: boolean;
  readonly chosen: readonly number[];
  readonly most: number;
  readonly onToggle: (datapoint: Described) => void;
  readonly onClose: () => void;
}

/** A dialog in which datapoints are chosen, from the tree of places or by searching. */
export function Picker({ organization, places, complete, chosen, most, onToggle, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [search, setSearch] = useState("");
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  const words = search.trim();
  const isFull = chosen.length >= most;
  const list = { chosen, isFull, onToggle };
  return (
    <dialog ref={dialog} className="modal modal-bottom sm:modal-middle" aria-labelledby="picker-title" onClose={onClose}>
      <div className="modal-box flex h-[85dvh] max-w-2xl flex-col p-0">
        <div className="border-b border-base-300 p-5 pb-4">
          <div className="flex items-center justify-between gap-4">
            <h2 id="picker-title" className="text-xl font-semibold">
              {t("Choose datapoints")}
            </h2>
            <button type="button" className="btn btn-sm btn-primary" onClick={() => dialog.current?.close()}>
              {t("Done")}
            </button>
          </div>
          <label className="input mt-3 w-full">
            <Search aria-hidden="true" className="size-4 opacity-60" />
            <input
              type="search"
              value={search}
              placeholder={t("Name, key, project or object")}
              aria-label={t("Search datapoints")}
              onChange={(event) => {
                setSearch(event.target.value);
              }}
            />
          </label>
          <p role="status" className="quiet mt-2 text-xs">
            {isFull
              ? t("{count} are chosen; more would not be told apart.", { count: chosen.length })
              : t("{count} chosen, at most {most}", { count: chosen.length, most })}
          </p>
        </div>
        <div className="min-h-0 flex-1 overflow-y-auto p-3">
          {words ? (
            <Found key={words} parameters={{ organization, search: words }} withPlace {...list} />
          ) : (
            <Tree places={places} complete={complete} {...list} />
          )}
        </div>
      </div>
      <form method="dialog" className="modal-backdrop">
        <button aria-label={t("Done")} />
      </form>
    </dialog>
  );
}

interface ListProps {
  readonly chosen: readonly number[];
  readonly isFull: boolean;
  readonly onToggle: (datapoint: Described) => void;
}

function Tree({ places, complete, ...list }: ListProps & { readonly places: readonly TreePlace[]; readonly complete: boolean }) {
  const projects = useMemo(() => {
    const found = new Map<string, TreePlace[]>();
    for (const place of places) {
      found.set(place.project, [...(found.get(place.project) ?? []), place]);
    }
    return [...found.values()];
  }, [places]);
  return (
    <>
      {projects.map((inside) => (
        <section key={inside[0]?.project} className="mb-3">
          <h3 className="quiet px-2 py-1 text-sm font-semibold wrap-anywhere">{inside[0]?.projectName}</h3>
          {inside.map((place) => (
            <Branch key={place.object ?? "whole"} place={place} isOpen={places.length === 1} {...list} />
          ))}
        </section>
      ))}
      {!complete && <p className="quiet px-2 text-sm">{t("There are more places; search to find what is there.")}</p>}
    </>
  );
}

function Branch({ place, isOpen, ...list }: ListProps & { readonly place: TreePlace; readonly isOpen: boolean }) {
  const [open, setOpen] = useState(isOpen);
  const parameters = place.object ? { object: place.object } : { project: place.project, whole: "true" };
  return (
    <details
      className="group"
      open={isOpen}
      onToggle={(event) => {
        setOpen(event.currentTarget.open);
      }}
    >
      <summary className="flex items-center gap-2 rounded-field px-2 py-2 hover:bg-base-200">
        <ChevronRight aria-hidden="true" className="size-4 shrink-0 transition-transform group-open:rotate-90" />
        <span className="min-w-0 flex-1 wrap-anywhere">{place.objectName ?? t("Whole project")}</span>
        <span className="quiet text-xs tabular-nums">{place.count}</span>
      </summary>
      {open && (
        <div className="ms-4 border-s border-base-300 ps-2">
          <Found parameters={parameters} {...list} />
        </div>
      )}
    </details>
  );
}

interface FoundProps extends ListProps {
  readonly parameters: Readonly<Record<string, string>>;
  readonly withPlace?: boolean;
}

/** The datapoints that these parameters find, page by page. */
function Found({ parameters, withPlace = false, chosen, isFull, onToggle }: FoundProps) {
  const [page, setPage] = useState<Page | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const asked = JSON.stringify(parameters);
  const fail = (error: unknown): void => {
    setFailure(error instanceof Error ? error.message : String(error));
  };
  useEffect(() => {
    const aborter = new AbortController();
    // While somebody types, not every letter is asked for.
    const timer = setTimeout(
      () => {
        readDatapoints(JSON.parse(asked) as Record<string, string>, aborter.signal)
          .then(setPage)
          .catch((error: unknown) => {
            if (!aborter.signal.aborted) {
              setFailure(error instanceof Error ? error.message : String(error));
            }
          });
      },
      withPlace ? PAUSE_MS : 0,
    );
    return () => {
      clearTimeout(timer);
      aborter.abort();
    };
  }, [asked, withPlace]);

  if (failure !== null) {
    return (
      <p role="alert" className="p-3 text-sm text-error">
        {failure}
      </p>
    );
  }
  if (!page) {
    return (
      <p className="p-3">
        <span className="loading loading-sm loading-dots" />
      </p>
    );
  }
  if (page.rows.length === 0) {
    return <p className="quiet p-3 text-sm">{t("Nothing is called like this. Fewer words find more.")}</p>;
  }
  return (
    <ul>
      {page.rows.map((datapoint) => {
        const isChosen = chosen.includes(datapoint.id);
        return (
          <li key={datapoint.id}>
            <label className="flex cursor-pointer items-center gap-3 rounded-field px-2 py-2 hover:bg-base-200">
              <input
                type="checkbox"
                className="checkbox checkbox-sm"
                checked={isChosen}
                disabled={isFull && !isChosen}
                onChange={() => {
                  onToggle(datapoint);
                }}
              />
              <span className="min-w-0 flex-1 text-[0.9375rem] wrap-anywhere">
                {datapoint.name}
                {withPlace && <span className="quiet block text-xs">{placeOf(datapoint)}</span>}
              </span>
              <span className="quiet shrink-0 text-sm tabular-nums">
                {datapoint.latest ? formatWithUnit(datapoint.latest.value, datapoint.unit) : t("no value yet")}
              </span>
            </label>
          </li>
        );
      })}
      {page.next !== null && (
        <li className="p-2">
          <button
            type="button"
            className="btn btn-sm"
            onClick={() => {
              readPage(page.next ?? "")
                .then((more) => {
                  setPage({ rows: [...page.rows, ...more.rows], next: more.next });
                })
                .catch(fail);
            }}
          >
            {t("Show more")}
          </button>
        </li>
      )}
    </ul>
  );
}
