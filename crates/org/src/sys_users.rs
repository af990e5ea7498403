//! The server's own bots, which act where no user does.

use serde::{Deserialize, Serialize};
use worksmith_engine::{Audience, One, Op, OpTable, PageOf, Tx};
use worksmith_kernel::search::Search;
use worksmith_kernel::{Column, Expander, Query, Reference, Resource, Result, Stored};
use worksmith_wire::common::{UserState, UserSummary};
use worksmith_wire::sys_users::{self, ListRequest, UpdateRequest};
use worksmith_wire::{Apply, Id, Kind};

use crate::artifacts;

/// The document of a bot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SysUser {
    /// The name that others see.
    pub display_name: String,
    /// The profile picture.
    pub display_picture: Option<Id>,
    /// The full name.
    pub full_name: Option<String>,
}

const DISPLAY_NAME: Column<SysUser> =
    Column::text("display_name", |user| user.display_name.as_str().into());
const FULL_NAME: Column<SysUser> =
    Column::text("full_name", |user| user.full_name.as_deref().into());

impl SysUser {
    /// A bot.
    pub fn new(display_name: &str) -> Self {
        Self { display_name: display_name.to_owned(), display_picture: None, full_name: None }
    }
}

impl Resource for SysUser {
    const TABLE_NAME: &'static str = "sys_users";
    const KINDS: &'static [Kind] = &[Kind::SysUser];
    const COLUMNS: &'static [Column<Self>] = &[DISPLAY_NAME, FULL_NAME];
    const REFS: &'static [Reference<Self>] = &[Reference::new("display_picture", |user, visit| {
        user.display_picture.iter().for_each(visit);
    })];
    const SEARCH: Option<Search<Self>> = Some(Search::new("user", |user, say| {
        say(&user.display_name);
        user.full_name.iter().for_each(|name| say(name));
    }));
    const ONE: &'static str = "sys_user";
    const MANY: &'static str = "sys_users";
    type Object = sys_users::SysUser;
    type Summary = UserSummary;

    fn summary_refs<'a>(stored: &'a Stored<Self>, visit: &mut dyn FnMut(&'a Id)) {
        stored.doc.display_picture.iter().for_each(visit);
    }

    fn object(stored: &Stored<Self>, x: &Expander) -> sys_users::SysUser {
        let Self { display_name, display_picture, full_name } = stored.doc.clone();
        sys_users::SysUser {
            head: x.base(&stored.meta),
            display_name,
            display_picture: x.embed_opt(display_picture.as_ref()),
            full_name,
            state: UserState::Active,
        }
    }

    fn summary(stored: &Stored<Self>, x: &Expander) -> UserSummary {
        let Self { display_name, display_picture, full_name } = stored.doc.clone();
        UserSummary {
            display_name: Some(display_name),
            display_picture: x.embed_opt(display_picture.as_ref()),
            full_name,
            ..crate::users::summary(stored, x, UserState::Active)
        }
    }
}

/// Registers the family.
pub fn ops(table: &mut OpTable) {
    table.family::<SysUser>();
    table.follow(artifacts::follow::<SysUser>);
    table.add(Op::read("sys-users.list", "sys_user"), list);
    table.add(Op::write("sys-users.update", "sys_user").audience(Audience::Admins), update);
    table.feed::<SysUser>("sys-users.list");
}

async fn list(tx: &mut Tx, request: ListRequest) -> Result<PageOf<SysUser>> {
    let mut query = Query::new();
    let columns = [("display_name", DISPLAY_NAME), ("full_name", FULL_NAME)];
    query.sort_by(&request.sort_by, &columns)?;
    tx.list(query, &request.page).await
}

async fn update(tx: &mut Tx, request: UpdateRequest) -> Result<One<SysUser>> {
    let UpdateRequest { id, display_name, display_picture, full_name } = request;
    let old = tx.target::<SysUser>(&id).await?;
    let mut bot = old.doc.clone();
    display_name.apply(&mut bot.display_name);
    display_picture.apply(&mut bot.display_picture);
    full_name.apply(&mut bot.full_name);
    let stored = tx.update(old, bot).await?;
    tx.one(&stored).await
}
