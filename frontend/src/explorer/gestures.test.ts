import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { followGestures, spanOfKey } from "./gestures";
import type { Span } from "./view";

const NOW = Date.UTC(2026, 10, 20, 12);
let span: Span;
let element: HTMLElement;
let stop: () => void;
const onBox = vi.fn();

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
  span = { from: NOW - 100_000, to: NOW - 90_000 };
  element = document.createElement("div");
  Object.defineProperty(element, "clientWidth", { value: 1000 });
  element.setPointerCapture = () => undefined;
  stop = followGestures(element, { span: () => span, onSpan: (next) => { span = next; }, onBox });
});

afterEach(() => {
  stop();
  vi.useRealTimers();
});

function pointer(type: string, clientX: number, options: PointerEventInit = {}): void {
  element.dispatchEvent(new PointerEvent(type, { pointerId: 1, clientX, button: 0, ...options }));
}

function turn(how: { deltaX: number; deltaY: number; clientX: number }): void {
  // The test's document has wheels without places.
  element.dispatchEvent(Object.assign(new Event("wheel"), { deltaMode: 0, ...how }));
}

describe("gestures", () => {
  it("drag the chart along", () => {
    pointer("pointerdown", 500);
    pointer("pointermove", 400);
    pointer("pointerup", 400);
    pointer("pointermove", 100);
    expect(span).toEqual({ from: NOW - 99_000, to: NOW - 89_000 });
  });

  it("choose a part while Shift is held", () => {
    pointer("pointerdown", 700, { shiftKey: true });
    pointer("pointermove", 200);
    expect(onBox).toHaveBeenLastCalledWith({ left: 200, width: 500 });
    pointer("pointerup", 200);
    expect(span).toEqual({ from: NOW - 98_000, to: NOW - 93_000 });
    expect(onBox).toHaveBeenLastCalledWith(null);
  });

  it("zoom with two fingers around what is between them", () => {
    pointer("pointerdown", 400);
    pointer("pointerdown", 600, { pointerId: 2 });
    pointer("pointermove", 300);
    pointer("pointermove", 700, { pointerId: 2 });
    expect(span.to - span.from).toBe(5000);
    expect((span.from + span.to) / 2).toBe(NOW - 95_000);
  });

  it("zoom with the wheel, and move where it turns sideways", () => {
    turn({ deltaX: 0, deltaY: -100, clientX: 1000 });
    expect(span.to).toBeCloseTo(NOW - 90_000);
    expect(span.to - span.from).toBeLessThan(10_000);
    const before = span;
    turn({ deltaX: 100, deltaY: 0, clientX: 0 });
    expect(span.from - before.from).toBeCloseTo((before.to - before.from) / 10);
    element.dispatchEvent(new MouseEvent("dblclick", { clientX: 0 }));
    expect(span.to - span.from).toBeCloseTo((before.to - before.from) / 3);
  });

  it.each([
    ["ArrowLeft", -2000, 10_000],
    ["ArrowRight", 2000, 10_000],
    ["PageUp", -10_000, 10_000],
    ["PageDown", 10_000, 10_000],
    ["-", -2500, 15_000],
  ])("with the key %s move by %d to a length of %d", (key, moved, length) => {
    const next = spanOfKey(key, span, NOW);
    expect(next).toEqual({ from: span.from + moved, to: span.from + moved + length });
  });

  it("lead to the present, and leave other keys alone", () => {
    expect(spanOfKey("End", span, NOW)).toEqual({ from: NOW - 10_000, to: NOW });
    expect(spanOfKey("+", span, NOW)?.from).toBeGreaterThan(span.from);
    expect(spanOfKey("a", span, NOW)).toBeNull();
  });
});
