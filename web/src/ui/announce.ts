// What is said to screen readers. Held keys do not flood it: the last word of half a second counts.
import { Signal } from '../store/signal';

export const announcement = new Signal('');
let pending: ReturnType<typeof setTimeout> | undefined;

export function announce(text: string): void {
  clearTimeout(pending);
  pending = setTimeout(() => announcement.set(text), 500);
}
