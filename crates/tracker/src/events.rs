//! The event feed: what has changed in the org, in the order of the commits, as pages and as a
//! stream. The engine's `Feed` says who is told of what; a family joins it with
//! [`OpTable::feed`].

use worksmith_engine::{Audience, Feed, FeedPage, Op, OpTable, Parts, Start, Tx};
use worksmith_fields::schemas::leaf;
use worksmith_kernel::Result;
use worksmith_wire::events::{
    AnyId, Event, FeedRequest, FeedStart, ListRequest, ListResponse, StreamRequest,
};
use worksmith_wire::{ApiError, ErrorType, Kind, PageRequest};

/// Registers the operations.
pub fn ops(table: &mut OpTable) {
    let everyone = |op: Op| op.audience(Audience::Everyone);
    table.add(everyone(Op::read("events.list", "event")), list);
    table.add_stream::<_, Event, _>(everyone(Op::read("events.stream", "event")), stream);
}

async fn list(tx: &mut Tx, request: ListRequest) -> Result<ListResponse> {
    let ListRequest { limit, feed } = request;
    let limit = PageRequest { cursor: None, limit, mode: None }.limit();
    let (feed, start) = read(tx, feed, Start::Beginning).await?;
    let FeedPage { events, next_cursor, has_more } = tx.feed(&feed, start, limit).await?;
    Ok(ListResponse { events, next_cursor, has_more })
}

async fn stream(tx: &mut Tx, request: StreamRequest) -> Result<Parts> {
    let StreamRequest { limit, feed } = request;
    let limit = limit.map(|limit| usize::try_from(limit).ok().filter(|limit| *limit > 0));
    if limit == Some(None) {
        let message = "limit: a stream tells of at least one event; leave it out for no limit";
        return Err(ApiError::not_permitted("limit", message).with("reason", "at least 1").into());
    }
    let (feed, start) = read(tx, feed, Start::Now).await?;
    tx.stream_feed(feed, start, limit.flatten()).await
}

/// What a caller wants to be told of, and from where on.
async fn read(tx: &mut Tx, request: FeedRequest, otherwise: Start) -> Result<(Feed, Start)> {
    let FeedRequest { cursor, from, object, object_types } = request;
    let start = match (cursor, from) {
        (Some(_), Some(_)) => {
            let message = "from says where to begin without a cursor, and there is one";
            return Err(ApiError::invalid_field("from", message).into());
        }
        (Some(cursor), None) => Start::After(cursor),
        (None, Some(FeedStart::Beginning)) => Start::Beginning,
        (None, Some(FeedStart::Now)) => Start::Now,
        (None, None) => otherwise,
    };
    let told = tx.told_kinds();
    let kinds = object_types.iter().map(|noun| kind(noun, &told)).collect::<Result<_, _>>()?;
    let object = match object {
        Some(AnyId(id)) => Some(leaf::resolve(tx, id).await?),
        None => None,
    };
    Ok((Feed { kinds, object }, start))
}

fn kind(noun: &str, told: &[Kind]) -> Result<Kind, ApiError> {
    told.iter().copied().find(|kind| kind.noun() == noun).ok_or_else(|| {
        let nouns: Vec<_> = told.iter().map(|kind| kind.noun()).collect();
        let message = format!("object_types: {noun:?} is not one of {}", nouns.join(", "));
        ApiError::field(ErrorType::InvalidEnumValue, "object_types", message)
            .with("value", noun)
            .with("allowed_values", nouns)
    })
}
