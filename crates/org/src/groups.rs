//! Teams and queues. Members are stored beside the group, because a group may have thousands.

use serde::{Deserialize, Serialize};
use worksmith_engine::{One, Op, OpTable, PageOf, Tx};
use worksmith_kernel::search::Search;
use worksmith_kernel::{Column, Cond, Expander, Name, Query, Reference, Resource, Result, Stored};
use worksmith_wire::common::GroupSummary;
use worksmith_wire::groups::{
    self, CreateRequest, DynamicInfo, GetRequest, GroupType, ListRequest, MemberType,
    SetDynamicInfo, UpdateRequest,
};
use worksmith_wire::works::SyncMetadataFilter;
use worksmith_wire::{ApiError, Apply, ErrorType, Id, Kind};

mod members;

pub use members::{GroupMember, add as add_member, merge as merge_members, users_in};

/// The document of a group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Group {
    /// The name, unique in the org.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// Whether people or an expression choose the members.
    pub group_type: GroupType,
    /// Who is a member of a dynamic group.
    pub dynamic_group_info: Option<DynamicInfo>,
    /// What kind of users the members are.
    pub member_type: MemberType,
    /// The owner.
    pub owner: Option<Id>,
}

const NAME: Column<Group> =
    Column::text("name", |group: &Group| group.name.as_str().into()).sorted();
const GROUP_TYPE: Column<Group> =
    Column::text("group_type", |group| group.group_type.as_str().into());
const MEMBER_TYPE: Column<Group> =
    Column::text("member_type", |group| group.member_type.as_str().into());

/// The names of groups.
const NAMES: Name<Group> = Name::new("group.name", "name", |group, claim| claim(&group.name));

impl Resource for Group {
    const TABLE_NAME: &'static str = "groups";
    const KINDS: &'static [Kind] = &[Kind::Group];
    const COLUMNS: &'static [Column<Self>] = &[NAME, GROUP_TYPE, MEMBER_TYPE];
    const REFS: &'static [Reference<Self>] =
        &[Reference::new("owner", |group, visit| group.owner.iter().for_each(visit))];
    const NAMES: &'static [Name<Self>] = &[NAMES];
    const SEARCH: Option<Search<Self>> = Some(
        Search::new("group", |group: &Self, say| say(&group.name))
            .texts(|group, say| group.description.iter().for_each(|text| say(text))),
    );
    const ONE: &'static str = "group";
    const MANY: &'static str = "groups";
    type Object = groups::Group;
    type Summary = GroupSummary;

    fn object(stored: &Stored<Self>, x: &Expander) -> groups::Group {
        let Self { name, description, group_type, dynamic_group_info, member_type, owner } =
            stored.doc.clone();
        groups::Group {
            head: x.base(&stored.meta),
            name,
            description,
            dynamic_group_info,
            is_default: false,
            member_type,
            owner: x.embed_opt(owner.as_ref()),
            kind: group_type,
        }
    }

    fn summary(stored: &Stored<Self>, x: &Expander) -> GroupSummary {
        GroupSummary {
            head: x.atom(stored.id()),
            name: Some(stored.doc.name.clone()),
            member_type: Some(stored.doc.member_type.as_str()),
        }
    }
}

/// Registers the family.
pub fn ops(table: &mut OpTable) {
    table.family::<Group>();
    table.add(Op::create("groups.create", "group"), create);
    table.add(Op::read("groups.get", "group"), get);
    table.add(Op::read("groups.list", "group"), list);
    table.add(Op::write("groups.update", "group"), update);
    members::ops(table);
    table.feed::<Group>("groups.get");
}

/// The error for an expression in a group whose members are chosen by hand.
fn needs_dynamic() -> ApiError {
    let dependency = serde_json::json!([{ "field_name": "type", "field_value": "dynamic" }]);
    ApiError::new(ErrorType::MissingDependency, "dynamic_group_info goes only with dynamic groups")
        .with("dependencies", dependency)
        .with("provided_field_name", "dynamic_group_info")
}

/// Refuses a name that another group has. A client in use looks for the existing group only if the
/// answer is 400; elsewhere a taken name is a conflict.
async fn check_name(tx: &mut Tx, name: &str) -> Result<()> {
    let Some(holder) = tx.find_name(NAMES, name).await? else { return Ok(()) };
    let holder = holder.display_id().unwrap_or_default();
    let message = format!("name {name:?} is taken by {holder}");
    Err(ApiError::not_permitted("name", message).into())
}

async fn create(tx: &mut Tx, request: CreateRequest) -> Result<One<Group>> {
    let CreateRequest { name, description, r#type, dynamic_group_info, member_type, owner } =
        request;
    check_name(tx, &name).await?;
    let group_type = r#type.unwrap_or(GroupType::Static);
    if dynamic_group_info.is_some() && group_type != GroupType::Dynamic {
        return Err(needs_dynamic().into());
    }
    let expression = dynamic_group_info.and_then(|info| {
        let SetDynamicInfo { membership_expression } = info;
        membership_expression
    });
    let group = Group {
        name: name.into(),
        description: description.map(Into::into),
        group_type,
        dynamic_group_info: expression
            .map(|membership_expression| DynamicInfo { membership_expression }),
        member_type: member_type.unwrap_or(MemberType::DevUser),
        owner: owner.map(Into::into),
    };
    let stored = tx.insert(Kind::Group, group).await?;
    tx.one(&stored).await
}

async fn get(tx: &mut Tx, request: GetRequest) -> Result<One<Group>> {
    tx.show::<Group>(&request.id).await
}

async fn list(tx: &mut Tx, request: ListRequest) -> Result<PageOf<Group>> {
    let ListRequest {
        created_by,
        group_type,
        ingestion_source,
        is_default,
        member_type,
        name,
        sort_by,
        space,
        sync_metadata,
        page,
    } = request;
    let mut query = Query::new();
    query
        .one_of_ids(Column::CREATED_BY, created_by)
        .one_of(GROUP_TYPE, group_type.into_iter().map(GroupType::as_str))
        .one_of(MEMBER_TYPE, member_type.into_iter().map(MemberType::as_str))
        .one_of(NAME, name)
        .sort_by(&sort_by, &[("name", NAME)])?;
    // No group was imported, is in a space, or was created by the server.
    let elsewhere = sync_metadata.is_some_and(|filter| {
        let SyncMetadataFilter { external_reference, last_sync_in, last_sync_out, origin_system } =
            filter;
        last_sync_in.is_some()
            || last_sync_out.is_some()
            || !external_reference.is_empty()
            || !origin_system.is_empty()
    });
    if elsewhere || is_default == Some(true) || !ingestion_source.is_empty() || !space.is_empty() {
        query.with(Cond::never());
    }
    tx.list(query, &page).await
}

async fn update(tx: &mut Tx, request: UpdateRequest) -> Result<One<Group>> {
    let UpdateRequest { id, name, description, dynamic_group_info, owner } = request;
    let old = tx.target::<Group>(&id).await?;
    let mut group = old.doc.clone();
    if let Some(name) = name.filter(|name| **name != *group.name) {
        check_name(tx, &name).await?;
        group.name = name.into();
    }
    description.apply(&mut group.description);
    if let Some(info) = dynamic_group_info {
        if group.group_type != GroupType::Dynamic {
            return Err(needs_dynamic().into());
        }
        let membership_expression = info.membership_expression;
        group.dynamic_group_info = Some(DynamicInfo { membership_expression });
    }
    owner.apply(&mut group.owner);
    let stored = tx.update(old, group).await?;
    tx.one(&stored).await
}
