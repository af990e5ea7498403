//! Works: issues, tickets, tasks and opportunities.
//!
//! `doc.rs` is the document, `columns.rs` what it is found by, `object.rs` its form in answers;
//! each operation has a file.

mod columns;
mod count;
mod create;
mod custom;
mod delete;
mod doc;
mod fields;
mod filter;
mod list;
mod object;
mod revert;
mod stage;
mod update;
mod vista;

pub use columns::{
    ACTUAL_CLOSE, DEVELOPED_WITH, IMPORTED_AS, ISSUE_REF, REV_ORG, SLA_PHASE, SYNC_ORIGIN,
};
pub use custom::Extended;
pub use doc::{Issue, Opportunity, StagedInfo, Task, Ticket, UnresolvedField, Variant, Work};
pub use stage::enter as enter_stage;
use worksmith_engine::{self as engine, Audience, One, Op, OpTable, PageOf, Tx};
use worksmith_kernel::Result;
use worksmith_org::artifacts;
use worksmith_wire::works::{AsOf, GetRequest};

/// Registers the family.
pub fn ops(table: &mut OpTable) {
    table.family::<Work>();
    table.follow(artifacts::follow::<Work>);
    let everyone = Audience::Everyone;
    table.add(Op::create("works.create", "work").audience(everyone), create::create);
    table.add(Op::read("works.get", "work").audience(everyone), get);
    table.add(Op::write("works.update", "work"), update::update);
    table.add(Op::read("works.list", "work").audience(everyone), list::list);
    let export = Op::read("works.export", "work").audience(everyone);
    table.add_long::<_, PageOf<Work>, _>(export, list::export);
    table.add(Op::read("works.count", "work").audience(everyone), count::count);
    table.add(Op::write("works.delete", "work"), delete::delete);
    table.add(Op::write("works.revert", "work"), revert::revert);
    table.feed::<Work>("works.get");
}

async fn get(tx: &mut Tx, request: GetRequest) -> Result<One<Work>> {
    let GetRequest { id, as_of } = request;
    let as_of = match as_of {
        None => return tx.show::<Work>(&id).await,
        Some(AsOf::Time(at)) => engine::AsOf::Time(at),
        Some(AsOf::Revision(revision)) => engine::AsOf::Revision(revision),
    };
    // Boxed, since its state is large and few calls need it.
    Box::pin(tx.show_as_of::<Work>(&id, as_of)).await
}
