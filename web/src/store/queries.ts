// What was asked for, each question once.
import { QueryClient } from '@tanstack/react-query';
import { asRefusal } from '../api/errors';

export const queries = new QueryClient({
  defaultOptions: {
    // What was refused is refused again.
    queries: { staleTime: 30_000, retry: (times, why) => times < 2 && asRefusal(why).isTemporary, refetchOnWindowFocus: false },
  },
});

/** For how long what hardly changes is good without asking. */
export const LONG = 5 * 60_000;
