//! Rev users: the contacts at customers.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use serde_json::Value;
use serde_with::skip_serializing_none;

use crate::common::{
    AccountId, ArtifactId, ArtifactSummary, AtomBase, AtomSummary, OrgSummary, RevOrgId, RevUserId,
    TagId, UserId, UserState, UserSummary,
};
use crate::custom::{Customization, NoCustomFields};
use crate::tags::{SetTag, TagWithValue};
use crate::{
    ApiError, At, DateRange, Embedded, FromWire, MailAddress, Many, PageCursor, PageRequest, Patch,
    Plus, PlusText, SetPatch, SortBy, Text,
};

crate::id_types! {
    /// What a contact can be associated with.
    CustomerId [Account, RevOrg];
}

/// A phone number in the E.164 form: `+4930123456`. Spaces and the usual separators are dropped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhoneNumber(pub String);

impl PhoneNumber {
    /// Parses a number; `None` if it is not one.
    pub fn parse(text: &str) -> Option<Self> {
        let number: String = text.chars().filter(|c| !" -.()/".contains(*c)).collect();
        let digits = number.strip_prefix('+')?;
        let fits = (2..=15).contains(&digits.len()) && !digits.starts_with('0');
        (fits && digits.bytes().all(|b| b.is_ascii_digit())).then_some(Self(number))
    }
}

impl FromWire for PhoneNumber {
    const PLUS: Plus = Plus::Itself;

    fn from_value(value: Value, at: &At<'_>) -> Result<Self, ApiError> {
        Self::parse(&PlusText::from_value(value, at)?.0).ok_or_else(|| {
            let field = at.path();
            let message = format!("{field} takes numbers in the E.164 form, such as +4930123456");
            ApiError::not_permitted(&field, message).with("pattern", PATTERN)
        })
    }
    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": PATTERN })
    }
}

/// A phone number to search for, in the form in which numbers are stored; the plus may be omitted.
/// Any other text matches nobody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WantedNumber(pub String);

impl FromWire for WantedNumber {
    const PLUS: Plus = Plus::Itself;

    fn from_value(value: Value, at: &At<'_>) -> Result<Self, ApiError> {
        let PlusText(text) = PlusText::from_value(value, at)?;
        // Any further plus sign is an encoded space.
        let number = PhoneNumber::parse(&format!("+{}", text.replace('+', " ")));
        Ok(Self(number.map_or(text, |number| number.0)))
    }
    fn schema(generator: &mut SchemaGenerator) -> Schema {
        String::schema(generator)
    }
}

const PATTERN: &str = r"^\+[1-9][0-9]{1,14}$";

crate::request! {
    /// Creates a contact.
    create struct CreateRequest = "rev-users-create-request" {
        /// The name; generated when absent.
        display_name: Option<Text<1, 256>>,
        /// A description.
        description: Option<Text<0, 65_536>>,
        /// The profile picture.
        display_picture: Option<ArtifactId>,
        /// The email address, which no other contact may have.
        email: Option<MailAddress<1, 320>>,
        /// The id in another system, which no other contact may have; the display id when absent.
        external_ref: Option<Text<1, 512>>,
        /// More such ids.
        external_refs: Vec<Text<1, 512>>,
        /// The phone numbers.
        phone_numbers: Vec<PhoneNumber>,
        /// The workspace.
        rev_org: Option<RevOrgId>,
        /// The account, if there is no workspace.
        account: Option<AccountId>,
        /// The tags.
        tags: Vec<SetTag>,
        /// The files.
        artifacts: Vec<ArtifactId>,
        .. customization: Customization,
    }
}

crate::id_requests! {
    /// The contact to get.
    GetRequest = "rev-users-get-request" { id: RevUserId }
    /// The contact to delete.
    DeleteRequest = "rev-users-delete-request" { id: RevUserId }
}

crate::request! {
    /// Which contacts.
    read struct Filters = "rev-users-filters" {
        /// Associated with one of these accounts and workspaces.
        associations: Vec<CustomerId>,
        /// Created by one of these users.
        created_by: Vec<UserId>,
        /// Created within this span of time.
        created_date: Option<DateRange>,
        /// Last changed within this span of time.
        modified_date: Option<DateRange>,
        /// With these custom fields.
        custom_fields: Option<NoCustomFields>,
        /// With one of these email addresses.
        email: Vec<MailAddress>,
        /// With one of these external references.
        external_ref: Vec<String>,
        /// With one of these among their external references.
        external_refs: Vec<String>,
        /// Whether the contact's identity is verified.
        is_verified: Option<bool>,
        /// With one of these phone numbers.
        phone_numbers: Vec<WantedNumber>,
        /// Of one of these workspaces.
        rev_org: Vec<RevOrgId>,
        /// With one of these tags.
        tags: Vec<TagId>,
    }
}

crate::request! {
    /// Which contacts to list.
    read struct ListRequest = "rev-users-list-request" {
        /// How to sort.
        sort_by: Vec<SortBy>,
        .. filters: Filters,
        .. page: PageRequest,
    }
}

crate::request! {
    /// Which contacts to iterate over.
    read struct ScanRequest = "rev-users-scan-request" {
        /// Where to continue; a text from an earlier answer to the same query.
        cursor: Option<PageCursor>,
        .. filters: Filters,
    }
}

crate::request! {
    /// Changes a contact.
    update struct UpdateRequest = "rev-users-update-request" {
        /// The contact.
        id: RevUserId,
        /// The new name.
        display_name: Option<Text<1, 256>>,
        /// A description.
        description: Option<Text<0, 65_536>>,
        /// The profile picture.
        display_picture: Patch<ArtifactId>,
        /// The email address.
        email: Option<MailAddress<1, 320>>,
        /// The id in another system.
        external_ref: Option<Text<1, 512>>,
        /// The ids in other systems; replaces the list.
        external_refs: Option<Vec<Text<1, 512>>>,
        /// The phone numbers; replaces the list.
        phone_numbers: Option<Vec<PhoneNumber>>,
        /// The tags; replaces the list.
        tags: Option<Vec<SetTag>>,
        /// The files.
        artifacts: SetPatch<ArtifactId>,
        .. customization: Customization,
    }
}

crate::request! {
    /// Merges a contact into another one, which takes over everything.
    create struct MergeRequest = "rev-users-merge-request" {
        /// The contact that remains.
        primary_user: RevUserId,
        /// The contact that is merged into the other one.
        secondary_user: RevUserId,
    }
}

crate::request! {
    /// Names a contact and a workspace. The contract has two names for each.
    create struct LinkRequest = "link-rev-user-to-rev-org-request" {
        /// The contact.
        id: Option<RevUserId>,
        /// The contact, under its other name.
        user_don: Option<RevUserId>,
        /// The workspace.
        rev_org: Option<RevOrgId>,
        /// The workspace, under its other name.
        rev_org_don: Option<RevOrgId>,
    }
}

crate::request! {
    /// What to associate a contact with.
    create struct CreateAssociation = "create-association" {
        /// The account or workspace.
        associated_to: CustomerId,
    }
}

crate::request! {
    /// Associates a contact with more accounts and workspaces.
    create struct AddAssociationsRequest = "rev-users-associations-add-request" {
        /// The contact.
        rev_user_id: RevUserId,
        /// The accounts and workspaces.
        associations: Many<CreateAssociation, 1, 100>,
    }
}

crate::request! {
    /// Ends associations of a contact.
    create struct RemoveAssociationsRequest = "rev-users-associations-remove-request" {
        /// The contact.
        rev_user_id: RevUserId,
        /// The accounts and workspaces.
        associations: Many<CustomerId, 1, 100>,
    }
}

crate::request! {
    /// Whose associations to list.
    read struct ListAssociationsRequest = "rev-users-associations-list-request" {
        /// The contact.
        rev_user_id: RevUserId,
        .. page: PageRequest,
    }
}

/// A contact at a customer.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "rev-user")]
pub struct RevUser {
    /// The ids of the object, who created and last changed it, and when.
    #[serde(flatten)]
    pub head: AtomBase,
    /// The name that others see.
    pub display_name: String,
    /// The email address.
    pub email: Option<String>,
    /// A description.
    pub description: Option<String>,
    /// The profile picture.
    pub display_picture: Option<Embedded<ArtifactSummary>>,
    /// The id in another system.
    pub external_ref: String,
    /// The ids in other systems; replaces the list.
    pub external_refs: Vec<String>,
    /// Whether the contact's identity is verified.
    pub is_verified: bool,
    /// The phone numbers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub phone_numbers: Vec<String>,
    /// The contact that it was merged into.
    pub primary_identity: Option<Embedded<UserSummary>>,
    /// The workspace.
    pub rev_org: Option<Embedded<OrgSummary>>,
    /// Whether the contact can act.
    pub state: UserState,
    /// The tags.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<TagWithValue>,
    /// The files.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub artifacts: Vec<Embedded<ArtifactSummary>>,
}

/// What a contact is associated with.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "associated-to-summary")]
pub struct AssociatedTo {
    /// `account` or `rev_org`.
    #[serde(rename = "type")]
    #[schemars(extend("enum" = ["account", "rev_org"]))]
    pub kind: &'static str,
    /// The ids of the object.
    #[serde(flatten)]
    pub head: AtomSummary,
    /// The name.
    pub display_name: Option<String>,
}

/// An association of a contact.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "rev-user-association")]
pub struct RevUserAssociation {
    /// The account or workspace.
    pub associated_to: AssociatedTo,
}

/// The associations of a contact, always as a single page.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "rev-users-associations-list-response")]
pub struct ListAssociationsResponse {
    /// The associations.
    pub associations: Vec<RevUserAssociation>,
}
