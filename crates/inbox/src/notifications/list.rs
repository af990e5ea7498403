//! `notifications.list` and `notifications.count`.

use worksmith_engine::{BY_CREATION, Edge, Listed, Lists, MergedPage, Tx};
use worksmith_fields::schemas::leaf;
use worksmith_kernel::{ColumnType, Query, Result, Stored};
use worksmith_wire::notifications::{
    CountRequest, CountResponse, Filters, ListRequest, ListResponse, NotificationState,
};
use worksmith_wire::{Direction, Id};

use super::doc::{EVENT_TYPE, LAST_EVENT, Notification, PARENT, STATE};
use super::shown;

/// How many notifications are counted one by one at a time.
const AT_ONCE: usize = 500;

/// The notifications of the caller that a request asks for.
struct Wanted(Query<Notification>);

impl Lists for Wanted {
    type Entry = Stored<Notification>;

    const NEWEST_FIRST: bool = true;
    /// The time of the last event takes the place of that of the creation.
    const KEYS: &'static [&'static [ColumnType]] = &[BY_CREATION];

    async fn beyond(
        &self,
        tx: &mut Tx,
        _list: usize,
        place: Option<&Edge>,
        backwards: bool,
        limit: usize,
    ) -> Result<(Vec<Listed<Self::Entry>>, bool)> {
        tx.beyond(&self.0, place, backwards, limit).await
    }

    async fn shows(&self, tx: &mut Tx, entry: &Self::Entry) -> Result<bool> {
        is_seen(tx, entry).await
    }
}

/// Whether the caller sees what a notification of theirs is about.
async fn is_seen(tx: &mut Tx, one: &Stored<Notification>) -> Result<bool> {
    match &one.doc.parent {
        Some(parent) => tx.is_visible(parent).await,
        None => Ok(true),
    }
}

pub(super) async fn list(tx: &mut Tx, request: ListRequest) -> Result<ListResponse> {
    let ListRequest { filters, page } = request;
    let mut query = query(tx, filters).await?;
    query.order_by(LAST_EVENT, Direction::Desc);
    let wanted = Wanted(query);
    let MergedPage { entries, next_cursor, prev_cursor } = tx.merged(&wanted, &page).await?;
    let notifications = shown(tx, &entries).await?;
    Ok(ListResponse { notifications, next_cursor, prev_cursor })
}

/// Customers may have lost sight of what they were told of.
pub(super) async fn count(tx: &mut Tx, request: CountRequest) -> Result<CountResponse> {
    let query = query(tx, request.filters).await?;
    if !tx.cx().actor.is_customer() {
        return Ok(CountResponse { count: tx.count(&query).await? });
    }
    let (mut count, mut place) = (0, None);
    loop {
        let (found, next) = tx.first_after::<Notification>(&query, place, AT_ONCE).await?;
        for one in found {
            count += u64::from(is_seen(tx, &one).await?);
        }
        place = match next {
            Some(next) => Some(next),
            None => return Ok(CountResponse { count }),
        };
    }
}

async fn query(tx: &mut Tx, filters: Filters) -> Result<Query<Notification>> {
    let Filters { event_types, parents, states } = filters;
    let mut ids: Vec<Id> = Vec::new();
    for parent in parents {
        ids.push(leaf::resolve(tx, parent.into()).await?);
    }
    let states = if states.is_empty() {
        vec![NotificationState::Unread, NotificationState::Read]
    } else {
        states
    };
    let mut query = Query::new();
    query
        .one_of(STATE, states.iter().map(|state| state.as_str()))
        .one_of(EVENT_TYPE, event_types.iter().map(|event_type| event_type.as_str()))
        .refers_to(PARENT, ids);
    Ok(tx.visible(query))
}
