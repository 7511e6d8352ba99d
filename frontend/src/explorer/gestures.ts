/** Moving and zooming the chart: with mouse, wheel, fingers and keys. Knows no drawing, only ranges. */
import { zoomed } from "./view";
import type { Span } from "./view";

const WHEEL_ZOOM = 0.0016;
const LINE_PX = 16;
const DOUBLE_CLICK_ZOOM = 1 / 3;
const KEY_STEP = 0.2;
const KEY_ZOOM = 1.5;
/** A shorter box was a click. */
const LEAST_BOX_PX = 6;

export interface Place {
  /** The range that is shown. */
  readonly span: () => Span;
  readonly onSpan: (span: Span) => void;
  /** Shows which part is being chosen, in pixels; null when it is over. */
  readonly onBox: (box: { readonly left: number; readonly width: number } | null) => void;
}

export function shifted({ from, to }: Span, share: number): Span {
  const distance = (to - from) * share;
  return { from: from + distance, to: to + distance };
}

/** Follows pointers and wheel on an element until the returned function is called. */
export function followGestures(element: HTMLElement, { span, onSpan, onBox }: Place): () => void {
  const pointers = new Map<number, number>();
  let begun: { readonly span: Span; readonly at: readonly number[] } | null = null;
  let boxFrom: number | null = null;

  const xOf = (event: MouseEvent): number => event.clientX - element.getBoundingClientRect().left;
  const timeAt = (x: number, { from, to }: Span): number => from + ((to - from) * x) / element.clientWidth;
  const begin = (): void => {
    begun = pointers.size > 0 ? { span: span(), at: [...pointers.values()] } : null;
  };

  const down = (event: PointerEvent): void => {
    if (event.button !== 0) {
      return;
    }
    element.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, xOf(event));
    if (event.shiftKey) {
      boxFrom = xOf(event);
    }
    begin();
  };
  const move = (event: PointerEvent): void => {
    if (!pointers.has(event.pointerId) || !begun) {
      return;
    }
    pointers.set(event.pointerId, xOf(event));
    if (boxFrom !== null) {
      const [left, right] = [boxFrom, xOf(event)].sort((one, other) => one - other) as [number, number];
      onBox({ left, width: right - left });
      return;
    }
    const at = [...pointers.values()];
    const [one = 0, other] = at;
    const [first = 0, second] = begun.at;
    if (other === undefined || second === undefined) {
      onSpan(shifted(begun.span, (first - one) / element.clientWidth));
      return;
    }
    // The moments below both fingers stay below them.
    const length = ((begun.span.to - begun.span.from) * Math.abs(second - first)) / Math.max(Math.abs(other - one), 1);
    const middle = timeAt((first + second) / 2, begun.span);
    const from = middle - (length * (one + other)) / 2 / element.clientWidth;
    onSpan({ from, to: from + length });
  };
  const up = (event: PointerEvent): void => {
    if (!pointers.delete(event.pointerId)) {
      return;
    }
    if (boxFrom !== null) {
      const [left, right] = [boxFrom, xOf(event)].sort((one, other) => one - other) as [number, number];
      boxFrom = null;
      onBox(null);
      if (event.type === "pointerup" && right - left >= LEAST_BOX_PX) {
        onSpan({ from: timeAt(left, span()), to: timeAt(right, span()) });
      }
    }
    begin();
  };
  const wheel = (event: WheelEvent): void => {
    event.preventDefault();
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE_PX : 1;
    const shown = span();
    if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      onSpan(shifted(shown, (event.deltaX * unit) / element.clientWidth));
    } else {
      onSpan(zoomed(shown, Math.exp(event.deltaY * unit * WHEEL_ZOOM), timeAt(xOf(event), shown), Date.now()));
    }
  };
  const doubleClick = (event: MouseEvent): void => {
    onSpan(zoomed(span(), DOUBLE_CLICK_ZOOM, timeAt(xOf(event), span()), Date.now()));
  };

  element.addEventListener("pointerdown", down);
  element.addEventListener("pointermove", move);
  element.addEventListener("pointerup", up);
  element.addEventListener("pointercancel", up);
  element.addEventListener("wheel", wheel, { passive: false });
  element.addEventListener("dblclick", doubleClick);
  return () => {
    element.removeEventListener("pointerdown", down);
    element.removeEventListener("pointermove", move);
    element.removeEventListener("pointerup", up);
    element.removeEventListener("pointercancel", up);
    element.removeEventListener("wheel", wheel);
    element.removeEventListener("dblclick", doubleClick);
  };
}

/** Where a key leads; null for a key that means nothing here. */
export function spanOfKey(key: string, span: Span, now: number): Span | null {
  const middle = (span.from + span.to) / 2;
  switch (key) {
    case "ArrowLeft":
      return shifted(span, -KEY_STEP);
    case "ArrowRight":
      return shifted(span, KEY_STEP);
    case "PageUp":
      return shifted(span, -1);
    case "PageDown":
      return shifted(span, 1);
    case "+":
    case "=":
      return zoomed(span, 1 / KEY_ZOOM, middle, now);
    case "-":
      return zoomed(span, KEY_ZOOM, middle, now);
    case "End":
      return { from: now - (span.to - span.from), to: now };
    default:
      return null;
  }
}
