// A finger on a row: drawn aside it does something, held it does something else. Scrolling stays the browser's.
import { useRef, type PointerEvent } from 'react';

/** How far a row is drawn before letting go does something, and how far it goes at most. */
const FAR = 72;
const MOST = 112;
/** From here on it is no tap. */
const SLIP = 10;
const HOLD_MS = 450;

export type Way = 'left' | 'right';

/** Which way a finger has drawn, if far enough; `undefined` also if it goes up or down. */
export function wayOf(dx: number, dy: number, far = FAR): Way | undefined {
  if (Math.abs(dx) < far || Math.abs(dx) < Math.abs(dy) * 1.5) return undefined;
  return dx > 0 ? 'right' : 'left';
}

interface Acts {
  onDraw: (id: string, way: Way) => void;
  onHold: (id: string) => void;
}

interface Held {
  id: string;
  row: HTMLElement;
  x: number;
  y: number;
  isDrawn: boolean;
  timer: ReturnType<typeof setTimeout>;
}

/** Handlers for what holds the rows, each of which has its id as `data-id`; and whether the last click was by a finger, or ended a hold. */
export function useTouch({ onDraw, onHold }: Acts) {
  const held = useRef<Held>(undefined);
  const last = useRef({ isTouch: false, isOver: false });
  const end = (): Held | undefined => {
    const now = held.current;
    held.current = undefined;
    if (!now) return undefined;
    clearTimeout(now.timer);
    now.row.style.translate = '';
    delete now.row.dataset.drawn;
    delete now.row.dataset.far;
    return now;
  };
  return {
    last,
    handlers: {
      onPointerDown(event: PointerEvent) {
        last.current = { isTouch: event.pointerType === 'touch', isOver: false };
        end();
        const row = (event.target as HTMLElement).closest<HTMLElement>('[data-id]');
        if (!last.current.isTouch || !event.isPrimary || !row?.dataset.id) return;
        const { id } = row.dataset;
        const timer = setTimeout(() => {
          last.current.isOver = true;
          end();
          onHold(id);
        }, HOLD_MS);
        held.current = { id, row, x: event.clientX, y: event.clientY, isDrawn: false, timer };
      },
      onPointerMove(event: PointerEvent) {
        const now = held.current;
        if (!now) return;
        const [dx, dy] = [event.clientX - now.x, event.clientY - now.y];
        if (Math.hypot(dx, dy) < SLIP && !now.isDrawn) return;
        clearTimeout(now.timer);
        now.isDrawn ||= wayOf(dx, dy, SLIP) !== undefined;
        if (!now.isDrawn) { end(); return; }
        now.row.style.translate = `${Math.max(-MOST, Math.min(MOST, dx))}px`;
        now.row.dataset.drawn = dx > 0 ? 'right' : 'left';
        if (Math.abs(dx) >= FAR) now.row.dataset.far = '';
        else delete now.row.dataset.far;
      },
      onPointerUp(event: PointerEvent) {
        const now = end();
        if (!now?.isDrawn) return;
        last.current.isOver = true;
        const dx = event.clientX - now.x;
        if (Math.abs(dx) >= FAR) onDraw(now.id, dx > 0 ? 'right' : 'left');
      },
      onPointerCancel() { end(); },
      // A finger that rests opens no menu of the browser.
      onContextMenu(event: { preventDefault(): void }) { if (last.current.isTouch) event.preventDefault(); },
    },
  };
}
