//! The members of groups: a document for each member of each group.

use serde::{Deserialize, Serialize};
use worksmith_engine::{Op, OpTable, PageOf, Tx};
use worksmith_kernel::{Column, Cond, Expander, Name, Query, Reference, Resource, Result, Stored};
use worksmith_wire::common::{AtomSummary, Empty};
use worksmith_wire::groups::{
    GroupType, Member, MemberGroup, MemberSummary, MembersAddRequest, MembersCountRequest,
    MembersCountResponse, MembersListRequest, MembersRemoveRequest,
};
use worksmith_wire::{ApiError, ErrorType, Id, Kind};

use super::Group;

/// The document of a membership.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GroupMember {
    /// The group.
    pub group: Id,
    /// The user, or another group.
    pub member: Id,
    /// The workspace for which a contact is a member.
    pub member_rev_org: Option<Id>,
}

const GROUP: Column<GroupMember> =
    Column::text("group_id", |member: &GroupMember| (&member.group).into()).filter();
const MEMBER: Column<GroupMember> =
    Column::text("member_id", |member: &GroupMember| (&member.member).into()).filter();

/// The user, or the group, that is in a group.
const IN_GROUP: Reference<GroupMember> =
    Reference::new("member", |member, visit| visit(&member.member));

/// The most groups that a group can be in when one is put into it.
const ABOVE_MAX: usize = 10_000;

/// Finds a membership by its two ends.
const ENDS: Name<GroupMember> = Name::new("group.member", "member", |member, claim| {
    claim(&ends(&member.group, &member.member));
});

fn ends(group: &Id, member: &Id) -> String {
    format!("{group} {member}")
}

impl Resource for GroupMember {
    const TABLE_NAME: &'static str = "group_members";
    const KINDS: &'static [Kind] = &[Kind::GroupMember];
    const COLUMNS: &'static [Column<Self>] = &[GROUP, MEMBER];
    const REFS: &'static [Reference<Self>] = &[
        Reference::new("group", |member, visit| visit(&member.group)),
        IN_GROUP,
        Reference::new("member_rev_org", |member, visit| {
            member.member_rev_org.iter().for_each(visit);
        }),
    ];
    const NAMES: &'static [Name<Self>] = &[ENDS];
    const ONE: &'static str = "member";
    const MANY: &'static str = "members";
    type Object = Member;
    type Summary = AtomSummary;

    fn object(stored: &Stored<Self>, x: &Expander) -> Member {
        let Self { group: _, member, member_rev_org } = &stored.doc;
        let summary = match x.doc::<Group>(member) {
            Some(group) => MemberSummary::Group(MemberGroup {
                kind: "group",
                head: x.atom(member),
                name: group.doc.name.clone(),
                member_type: group.doc.member_type,
            }),
            None => {
                x.embed(member).map_or(MemberSummary::Gone(x.atom(member)), MemberSummary::User)
            }
        };
        Member { member: summary, member_rev_org: x.embed_opt(member_rev_org.as_ref()) }
    }

    fn summary(stored: &Stored<Self>, x: &Expander) -> AtomSummary {
        x.atom(stored.id())
    }
}

/// The users in a group and in the groups in it, each once, at most `max`.
pub async fn users_in(tx: &mut Tx, group: &Id, max: usize) -> Result<Vec<Id>> {
    let (mut users, mut groups) = (Vec::new(), vec![group.clone()]);
    let mut at = 0;
    while let Some(group) = groups.get(at).cloned() {
        let mut query = Query::new();
        query.with(Cond::is(GROUP, &group));
        for member in tx.first::<GroupMember>(&query, max).await? {
            let member = member.doc.member;
            let found = if member.kind() == Kind::Group { &mut groups } else { &mut users };
            if !found.contains(&member) && found.len() < max {
                found.push(member);
            }
        }
        at += 1;
    }
    Ok(users)
}

/// Registers the operations on members.
pub(super) fn ops(table: &mut OpTable) {
    table.family::<GroupMember>();
    table.add(Op::write("groups.members.add", "group_membership"), members_add);
    table.add(Op::write("groups.members.remove", "group_membership"), members_remove);
    table.add(Op::read("groups.members.list", "group_membership"), members_list);
    table.add(Op::read("groups.members.count", "group_membership"), members_count);
}

async fn members_add(tx: &mut Tx, request: MembersAddRequest) -> Result<Empty> {
    let MembersAddRequest { group, member, member_rev_org } = request;
    let group = tx.target::<Group>(&group).await?;
    add(tx, &group, member.into(), member_rev_org.map(Into::into)).await?;
    Ok(Empty {})
}

/// Adds a member; has no effect if it is one already.
pub async fn add(
    tx: &mut Tx,
    group: &Stored<Group>,
    member: Id,
    member_rev_org: Option<Id>,
) -> Result<()> {
    if group.doc.group_type == GroupType::Dynamic {
        let message = format!("the members of {:?} follow from its expression", group.doc.name);
        return Err(ApiError::bad_request(message).into());
    }
    check_kind(tx, group, &member).await?;
    let member = tx.primary(&member).await?;
    if member_rev_org.is_some() && member.kind() != Kind::RevUser {
        let dependency = serde_json::json!([{ "field_name": "member", "field_value": "rev_user" }]);
        let message = "member_rev_org goes only with a member who is a rev user";
        return Err(ApiError::new(ErrorType::MissingDependency, message)
            .with("dependencies", dependency)
            .with("provided_field_name", "member_rev_org")
            .into());
    }
    let known = find(tx, group.id(), &member).await?;
    match known {
        None => {
            let group = group.id().clone();
            tx.insert(Kind::GroupMember, GroupMember { group, member, member_rev_org }).await?;
        }
        Some(known) if member_rev_org.is_some() => {
            let doc = GroupMember { member_rev_org, ..known.doc.clone() };
            tx.update(known, doc).await?;
        }
        Some(_) => {}
    }
    Ok(())
}

async fn check_kind(tx: &mut Tx, group: &Stored<Group>, member: &Id) -> Result<()> {
    let wanted = group.doc.member_type;
    if member.kind() == Kind::Group {
        let inner = tx.find::<Group>(member).await?;
        if inner.is_some_and(|inner| inner.doc.member_type != wanted) {
            let message = format!("member: the members of both groups must be {}", wanted.as_str());
            return Err(ApiError::not_permitted("member", message).into());
        }
        return check_circle(tx, group.id(), member).await;
    }
    if wanted.takes(member) {
        return Ok(());
    }
    let message = format!("the members of this group are {}", wanted.as_str());
    Err(ApiError::field(ErrorType::UnexpectedIdType, "member", message)
        .with("value", tx.cx().don(member))
        .with("allowed_types", vec![wanted.as_str(), "group"])
        .into())
}

/// No group may contain itself, directly or indirectly.
async fn check_circle(tx: &mut Tx, group: &Id, member: &Id) -> Result<()> {
    let mut above = vec![group.clone()];
    let mut at = 0;
    while let Some(id) = above.get(at).cloned() {
        if id == *member {
            let message = "a group can't be a member of itself or of a group in it";
            let kind = ErrorType::GroupHierarchyCircularDependency;
            return Err(ApiError::new(kind, message).into());
        }
        // Otherwise two simultaneous calls could close a cycle that neither sees.
        let Some(outer) = tx.rely_on_referrers(IN_GROUP, &id, ABOVE_MAX).await? else {
            let group = tx.cx().name(&id);
            let message = format!("{group} is in more than {ABOVE_MAX} groups");
            return Err(ApiError::bad_request(message).into());
        };
        for outer in outer {
            if !above.contains(&outer.doc.group) {
                above.push(outer.doc.group);
            }
        }
        at += 1;
    }
    Ok(())
}

async fn find(tx: &mut Tx, group: &Id, member: &Id) -> Result<Option<Stored<GroupMember>>> {
    match tx.find_name(ENDS, &ends(group, member)).await? {
        Some(id) => tx.find::<GroupMember>(&id).await,
        None => Ok(None),
    }
}

async fn members_remove(tx: &mut Tx, request: MembersRemoveRequest) -> Result<Empty> {
    let MembersRemoveRequest { group, member, member_rev_org } = request;
    tx.target::<Group>(&group).await?;
    let known = find(tx, &group, &member).await?;
    let wanted = member_rev_org.map(Id::from);
    if let Some(known) = known
        && (wanted.is_none() || wanted == known.doc.member_rev_org)
    {
        tx.delete(known).await?;
    }
    Ok(Empty {})
}

fn of_group(group: &Id) -> Query<GroupMember> {
    let mut query = Query::new();
    query.with(Cond::is(GROUP, group));
    query
}

async fn members_list(tx: &mut Tx, request: MembersListRequest) -> Result<PageOf<GroupMember>> {
    let MembersListRequest { group, page } = request;
    let group = tx.target::<Group>(&group).await?;
    tx.list(of_group(group.id()), &page).await
}

async fn members_count(tx: &mut Tx, request: MembersCountRequest) -> Result<MembersCountResponse> {
    let group = tx.target::<Group>(&request.group).await?;
    let count = tx.count::<GroupMember>(&of_group(group.id())).await?;
    Ok(MembersCountResponse { count, has_more: false })
}

/// Replaces one user by another in every group.
pub async fn merge(tx: &mut Tx, primary: &Id, secondary: &Id) -> Result<()> {
    let refs = tx.refs_to(secondary).await?;
    for (_, id) in refs.into_iter().filter(|(field, _)| field == IN_GROUP.field()) {
        let Some(known) = tx.find::<GroupMember>(&id).await? else { continue };
        let doc = GroupMember { member: primary.clone(), ..known.doc.clone() };
        if find(tx, &doc.group, primary).await?.is_some() {
            tx.delete(known).await?;
        } else {
            tx.update(known, doc).await?;
        }
    }
    Ok(())
}
