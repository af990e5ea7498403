//! Teams and queues.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use serde_with::skip_serializing_none;

use crate::common::{AtomBase, AtomSummary, GroupId, OrgSummary, OwnerId, RevOrgId, UserSummary};
use crate::parse::{members, read_enum, refuse_unknown};
use crate::works::SyncMetadataFilter;
use crate::{ApiError, At, Embedded, FromWire, Id, PageRequest, Patch, SortBy, Text};

crate::wire_enum! {
    /// Who chooses the members of a group.
    pub enum GroupType = "group-type" {
        /// An expression.
        Dynamic = "dynamic",
        /// People, by hand.
        Static = "static",
    }
}

crate::wire_enum! {
    /// What kind of users the members of a group are.
    pub enum MemberType = "group-member-type" {
        /// Members of the org.
        DevUser = "dev_user",
        /// Contacts at customers.
        RevUser = "rev_user",
    }
}

crate::wire_enum! {
    /// Where a group was imported from.
    pub enum IngestionSource = "group-ingestion-source" {
        /// A migration from another tracker.
        Airdrop = "airdrop",
        /// A directory of people.
        Scim = "scim",
    }
}

crate::wire_enum! {
    /// The form of a boolean expression.
    pub enum ExpressionType = "boolean-expression-type" {
        /// All of `expressions` hold.
        And = "and",
        /// `expression` does not hold.
        Not = "not",
        /// One of `expressions` holds.
        Or = "or",
        /// A condition; its members are kept as they are.
        Primitive = "primitive",
    }
}

/// A tree of `and`, `or`, `not` and conditions, kept as it was received.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(rename = "boolean-expression")]
pub struct BooleanExpression(pub Map<String, Value>);

impl BooleanExpression {
    fn check(value: Value, at: &At<'_>) -> Result<(), ApiError> {
        let mut object = members(value, at)?;
        let kind = object.remove("type").ok_or_else(|| ApiError::missing(&at.child("type").path()));
        let all = ExpressionType::ALL;
        let kind = read_enum(kind?, &at.child("type"), all, ExpressionType::as_str)?;
        let (name, many) = match kind {
            ExpressionType::Primitive => return Ok(()),
            ExpressionType::Not => ("expression", false),
            ExpressionType::And | ExpressionType::Or => ("expressions", true),
        };
        refuse_unknown(&object, at, |member| member == name)?;
        let at = at.child(name);
        match object.remove(name) {
            None => Err(ApiError::missing(&at.path())),
            Some(Value::Array(inner)) if many => {
                inner.into_iter().try_for_each(|inner| Self::check(inner, &at))
            }
            Some(other) if many => Err(at.wrong_type(&other, "array")),
            Some(inner) => Self::check(inner, &at),
        }
    }
}

impl FromWire for BooleanExpression {
    fn from_value(value: Value, at: &At<'_>) -> Result<Self, ApiError> {
        let expression = Map::from_value(value, at)?;
        Self::check(Value::Object(expression.clone()), at)?;
        Ok(Self(expression))
    }
    fn schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        generator.subschema_for::<Self>()
    }
}

crate::request! {
    /// Who is a member of a dynamic group. The published contract has the expression only in
    /// updates, which would leave a new dynamic group without one.
    create struct SetDynamicInfo = "dynamic-group-info" {
        /// The condition for being a member.
        membership_expression: Option<BooleanExpression>,
    }
}

crate::request! {
    /// Who is a member of a dynamic group from now on.
    create struct UpdateDynamicInfo = "groups-update-request-dynamic-group-info" {
        /// The condition for being a member.
        membership_expression: BooleanExpression,
    }
}

crate::request! {
    /// Creates a group.
    create struct CreateRequest = "groups-create-request" {
        /// The name, unique in the org.
        name: Text<1, 256>,
        /// What it is for. Required by the contract, left out by the Python SDK.
        description: Option<Text<0, 65_536>>,
        /// Who chooses the members: people, when absent.
        r#type: Option<GroupType>,
        /// Who is a member of a dynamic group.
        dynamic_group_info: Option<SetDynamicInfo>,
        /// What kind of users the members are: dev users, when absent.
        member_type: Option<MemberType>,
        /// The owner.
        owner: Option<OwnerId>,
    }
}

crate::id_requests! {
    /// The group to get.
    GetRequest = "groups-get-request" { id: GroupId }
    /// The group whose members are counted.
    MembersCountRequest = "group-members-count-request" { group: GroupId }
}

crate::request! {
    /// Which groups to list.
    read struct ListRequest = "groups-list-request" {
        /// Created by one of these users.
        created_by: Vec<crate::common::UserId>,
        /// Of one of these types.
        group_type: Vec<GroupType>,
        /// Imported from one of these; no group is.
        ingestion_source: Vec<IngestionSource>,
        /// Whether the server created it.
        is_default: Option<bool>,
        /// With one of these kinds of members.
        member_type: Vec<MemberType>,
        /// With one of these names.
        name: Vec<String>,
        /// How to sort.
        sort_by: Vec<SortBy>,
        /// In one of these spaces; there are none.
        space: Vec<String>,
        /// Imported from elsewhere; no group is.
        sync_metadata: Option<SyncMetadataFilter>,
        .. page: PageRequest,
    }
}

crate::request! {
    /// Changes a group.
    update struct UpdateRequest = "groups-update-request" {
        /// The group.
        id: GroupId,
        /// The new name.
        name: Option<Text<1, 256>>,
        /// What it is for.
        description: Option<Text<0, 65_536>>,
        /// Who is a member of a dynamic group.
        dynamic_group_info: Option<UpdateDynamicInfo>,
        /// The owner.
        owner: Patch<OwnerId>,
    }
}

crate::id_types! {
    /// What can be a member of a group.
    MemberId [DevUser, RevUser, SysUser, Group];
}

crate::request! {
    /// Adds a member to a group.
    create struct MembersAddRequest = "group-members-add-request" {
        /// The group.
        group: GroupId,
        /// A user, or another group.
        member: MemberId,
        /// The workspace for which a contact is a member.
        member_rev_org: Option<RevOrgId>,
    }
}

crate::request! {
    /// Removes a member from a group.
    create struct MembersRemoveRequest = "group-members-remove-request" {
        /// The group.
        group: GroupId,
        /// The member.
        member: MemberId,
        /// The workspace for which a contact is a member.
        member_rev_org: Option<RevOrgId>,
    }
}

crate::request! {
    /// Asks for the members of a group.
    read struct MembersListRequest = "group-members-list-request" {
        /// The group.
        group: GroupId,
        .. page: PageRequest,
    }
}

/// How many members a group has.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "group-members-count-response")]
pub struct MembersCountResponse {
    /// The number of members.
    pub count: u64,
    /// Whether there are more than were counted: never.
    pub has_more: bool,
}

/// Who is a member of a dynamic group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "groups-update-request-dynamic-group-info")]
pub struct DynamicInfo {
    /// The condition for being a member.
    pub membership_expression: BooleanExpression,
}

/// A group.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "group")]
pub struct Group {
    /// The ids of the object, who created and last changed it, and when.
    #[serde(flatten)]
    pub head: AtomBase,
    /// The name, unique in the org.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// Who is a member of a dynamic group.
    pub dynamic_group_info: Option<DynamicInfo>,
    /// Whether the server created it: never.
    pub is_default: bool,
    /// What kind of users the members are.
    pub member_type: MemberType,
    /// The owner.
    pub owner: Option<Embedded<UserSummary>>,
    /// Who chooses the members; the Python SDK reads it.
    #[serde(rename = "type")]
    pub kind: GroupType,
}

/// A group as a member of another.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "group-member-summary")]
pub struct MemberGroup {
    /// Always `group`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The ids of the object.
    #[serde(flatten)]
    pub head: AtomSummary,
    /// The name.
    pub name: String,
    /// What kind of users its members are.
    pub member_type: MemberType,
}

/// A member of a group.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(rename = "member-summary")]
pub enum MemberSummary {
    /// A user.
    User(Embedded<UserSummary>),
    /// Another group.
    Group(MemberGroup),
    /// An object of which nothing is known any more.
    Gone(AtomSummary),
}

/// Who is a member, and for which workspace.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "group-members-list-response-member")]
pub struct Member {
    /// The member.
    pub member: MemberSummary,
    /// The workspace for which a contact is a member.
    pub member_rev_org: Option<Embedded<OrgSummary>>,
}

impl MemberType {
    /// Whether groups of this type accept a user of this kind as a member.
    pub const fn takes(self, member: &Id) -> bool {
        match self {
            Self::DevUser => {
                matches!(member.kind(), crate::Kind::DevUser | crate::Kind::SysUser)
            }
            Self::RevUser => matches!(member.kind(), crate::Kind::RevUser),
        }
    }
}
