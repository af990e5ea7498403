//! Timeline entries (BEHAVIOUR 20): comments, and links that were made or deleted, which are
//! stored, and changes of their object, which are read from the log of events.
//!
//! `comment.rs` is the document, `reach.rs` finds the one of a call, and `write.rs` creates and
//! changes one, with the mentions that `mentions.rs` finds; `import.rs` does so for importers, and
//! `links.rs` when links change. `expire.rs` deletes what has expired. `page.rs` finds the entries
//! of a page, and `show.rs` shows what is stored, `changes.rs` and `deltas.rs` changes.

mod changes;
mod comment;
mod deltas;
mod expire;
mod import;
mod links;
mod mentions;
mod page;
mod reach;
mod show;
mod write;

pub use comment::{Comment, Reaction};
pub use deltas::between as deltas;
pub use expire::expire;
pub use import::{Imported, Outcome, import};
pub use mentions::ids_in as mentioned_in;
pub use reach::find;
use worksmith_engine::{Audience, Op, OpTable, Tx};
use worksmith_kernel::Result;
use worksmith_org::artifacts;
use worksmith_wire::timeline_entries::{EntryResponse, GetRequest};
use worksmith_wire::{Id, Kind};

/// Registers the family.
pub fn ops(table: &mut OpTable) {
    table.family::<Comment>();
    table.follow(artifacts::follow::<Comment>);
    links::follow(table);
    let everyone = |op: Op| op.audience(Audience::Everyone);
    table.add(everyone(Op::create("timeline-entries.create", "timeline_entry")), write::create);
    table.add(everyone(Op::read("timeline-entries.get", "timeline_entry")), get);
    table.add(everyone(Op::read("timeline-entries.list", "timeline_entry")), page::list);
    table.add(everyone(Op::write("timeline-entries.update", "timeline_entry")), write::update);
    table.add(everyone(Op::write("timeline-entries.delete", "timeline_entry")), write::delete);
    table.feed::<Comment>("timeline-entries.get");
}

async fn get(tx: &mut Tx, request: GetRequest) -> Result<EntryResponse> {
    let GetRequest { id, external_ref } = request;
    let Some(external_ref) = external_ref else {
        return entry(tx, &id).await;
    };
    let timeline = match id.kind() {
        Kind::ChangeEvent => {
            entry(tx, &id).await?;
            id.object().map(|object| object.to_string()).unwrap_or_default()
        }
        _ => find(tx, &id).await?.doc.timeline,
    };
    match comment::with_ref(tx, &timeline, &external_ref).await? {
        Some(found) => entry(tx, &found).await,
        None => Err(comment::no_ref(&external_ref)),
    }
}

/// The answer that shows an entry.
async fn entry(tx: &mut Tx, id: &Id) -> Result<EntryResponse> {
    if id.kind() == Kind::ChangeEvent {
        return changes::get(tx, id).await;
    }
    let stored = find(tx, id).await?;
    show::response(tx, &stored).await
}
