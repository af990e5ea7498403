// Webhooks and what they were told. Deliveries are not in the feed: while they are looked at, they are asked for.
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { call, uniqueKey, type Body } from '../api/call';
import type { Webhook, WebhookDelivery, WebhookDeliveryStatus } from '../api/types.gen';

const PAGE = 100;
/** How often what is looked at is asked for again. */
const LOOK_MS = 2000;
/** How many of the newest deliveries tell how a webhook fares. */
const NEWEST = 10;

/** Also while one waits to be verified, which takes a moment. */
export const useWebhooks = () => useQuery({
  queryKey: ['webhooks'],
  queryFn: async (): Promise<Webhook[]> => (await call('webhooks.list', {})).webhooks,
  refetchInterval: ({ state }) => (state.data?.some(({ status }) => status === 'unverified') ? LOOK_MS : false),
});

/** The newest deliveries of each webhook, by its id. */
export const useNewest = (webhooks: readonly Webhook[] | undefined) => {
  const ids = webhooks?.map(({ id }) => id) ?? [];
  return useQuery({
    queryKey: ['deliveries', 'newest', ...ids], enabled: ids.length > 0, refetchInterval: LOOK_MS,
    queryFn: async () => new Map(await Promise.all(ids.map(async (id): Promise<[string, WebhookDelivery[]]> =>
      [id, (await call('webhooks.deliveries.list', { webhook: id, limit: NEWEST })).deliveries]))),
  });
};

export const useDeliveries = (webhook: string, status: WebhookDeliveryStatus | 'all') => useInfiniteQuery({
  queryKey: ['deliveries', webhook, status], refetchInterval: LOOK_MS, initialPageParam: undefined as string | undefined,
  queryFn: ({ pageParam }) => call('webhooks.deliveries.list', {
    webhook, limit: PAGE, ...(status === 'all' ? {} : { status: [status] }), ...(pageParam ? { cursor: pageParam } : {}),
  }),
  getNextPageParam: (last) => last.next_cursor,
});

/** One delivery with what was sent. */
export const useDelivery = (id: string | undefined) => useQuery({
  queryKey: ['deliveries', 'one', id], enabled: id !== undefined, refetchInterval: LOOK_MS,
  queryFn: async (): Promise<WebhookDelivery> => (await call('webhooks.deliveries.get', { id: id ?? '' })).delivery,
});

export const makeWebhook = async (body: Body<'webhooks.create'>): Promise<Webhook> =>
  (await call('webhooks.create', body, { key: uniqueKey() })).webhook;

export async function changeWebhook(body: Body<'webhooks.update'>): Promise<Webhook> {
  return (await call('webhooks.update', body, { key: uniqueKey() })).webhook;
}

/** Asks the receiver once more to prove that it is one: what is active has to be paused for that. */
export async function verifyAgain({ id, status }: Webhook): Promise<void> {
  if (status === 'active') await changeWebhook({ id, action: 'deactivate' });
  await changeWebhook({ id, action: 'activate' });
}

export async function deleteWebhook(id: string): Promise<void> {
  await call('webhooks.delete', { id }, { key: uniqueKey() });
}

/** Sends one again, or all of a span of time; tells how many these are. */
export const sendAgain = async (body: Body<'webhooks.deliveries.redeliver'>): Promise<number> =>
  (await call('webhooks.deliveries.redeliver', body, { key: uniqueKey() })).count;
