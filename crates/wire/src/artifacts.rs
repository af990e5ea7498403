//! Artifacts: files, uploaded to an address of their own and downloaded from another.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use serde_with::skip_serializing_none;

use crate::common::{ArtifactFile, ArtifactId, AtomBase, UserSummary};
use crate::embed::Embedded;
use crate::parse::text;
use crate::text::Text;
use crate::time::DateTime;
use crate::{ApiError, At, FromWire};

crate::wire_enum! {
    /// What a file is for.
    pub enum ArtifactConfigurationSet = "artifact-configuration-set" {
        /// A picture in an article.
        ArticleMedia = "article_media",
        /// Anything else.
        Default = "default",
        /// A picture in an email.
        EmailMedia = "email_media",
        /// What a site shows in the browser's tab; known to the newest client types.
        Favicon = "favicon",
        /// The result of a job.
        JobData = "job_data",
        /// The icon of a marketplace listing.
        MarketplaceListingIcon = "marketplace_listing_icon",
        /// A picture of a marketplace listing.
        MarketplaceMedia = "marketplace_media",
        /// The rows of an export; known to the newest client types.
        ObjectExport = "object_export",
        /// The logo of the org.
        OrgLogo = "org_logo",
        /// The style of the chat widget.
        PlugCss = "plug_css",
        /// A picture of the chat widget.
        PlugSetting = "plug_setting",
        /// A picture on a card of the chat widget.
        PlugSettingBannerCard = "plug_setting_banner_card",
        /// The style of the customer portal.
        PortalCss = "portal_css",
        /// The code of a snap-in.
        SnapInFunctionsCode = "snap_in_functions_code",
        /// A picture in a snap widget.
        SnapWidget = "snap_widget",
        /// The picture of a user.
        UserProfilePicture = "user_profile_picture",
        /// What is attached to works.
        Work = "work",
    }
}

crate::id_types! {
    /// The id of anything that files are attached to.
    ArtifactParentId [
        Issue, Ticket, Task, Opportunity, Incident, Product, Capability, Feature, Enhancement,
        Runnable, Linkable, Conversation, Article, Directory, Meeting, DevOrg, DevUser, RevUser,
        SysUser, ServiceAccount, RevOrg, Account, Group, Comment,
    ];
}

/// The name of a file: 1 to 255 characters, without a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileName(pub String);

/// The longest file name in characters.
const FILE_NAME_MAX: usize = 255;

impl FromWire for FileName {
    fn from_value(value: Value, at: &At<'_>) -> Result<Self, ApiError> {
        let name = text(value, at)?;
        let reason = match name.chars().count() {
            0 => "min_length 1",
            length if length > FILE_NAME_MAX => "max_length 255",
            _ if name == "." || name == ".." => "a name, not a folder",
            _ if name.contains(['/', '\\']) => "a name without a path",
            _ if name.contains(char::is_control) => "no control characters",
            _ => return Ok(Self(name)),
        };
        Err(refuse(at, "is no plain file name", reason))
    }

    fn schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string", "minLength": 1, "maxLength": FILE_NAME_MAX,
            // Written so that every regex engine accepts it, with or without Unicode support.
            "pattern": r"^[^/\\\x00-\x1f\x7f-\x9f]+$",
        })
    }
}

/// The type of a file according to the client, usually a media type such as `text/plain;
/// charset=utf-8`. Any text is kept as it is: real clients send `pdf` and `default`, too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileType(pub String);

/// The media type of a file of unknown type.
const ANY_BYTES: &str = "application/octet-stream";

impl Default for FileType {
    fn default() -> Self {
        Self(ANY_BYTES.to_owned())
    }
}

/// The longest type of a file in characters.
const FILE_TYPE_MAX: usize = 255;

impl FromWire for FileType {
    fn from_value(value: Value, at: &At<'_>) -> Result<Self, ApiError> {
        let Text(text) = Text::<0, FILE_TYPE_MAX>::from_value(value, at)?;
        // Browsers send an empty type for files that they do not know.
        Ok(if text.is_empty() { Self::default() } else { Self(text) })
    }

    fn schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "maxLength": FILE_TYPE_MAX })
    }
}

/// The media type that a file is served with: its type if that is valid in a `Content-Type`, as
/// `type/subtype` with optional parameters; otherwise that of arbitrary bytes.
pub fn media_type(file_type: &str) -> &str {
    let (essence, parameters) = file_type.split_once(';').unwrap_or((file_type, ""));
    let is_name = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_alphanumeric())
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b))
    };
    let is_one = parameters.bytes().all(|b| (b' '..=b'~').contains(&b))
        && essence
            .trim_end_matches(' ')
            .split_once('/')
            .is_some_and(|(a, b)| is_name(a) && is_name(b));
    if is_one { file_type } else { ANY_BYTES }
}

fn refuse(at: &At<'_>, message: &str, reason: &str) -> ApiError {
    let field = at.path();
    ApiError::not_permitted(&field, format!("{field} {message}: it takes {reason}"))
        .with("reason", reason)
}

crate::request! {
    /// Announces a file and asks where to upload it.
    create struct PrepareRequest = "artifacts-prepare-request" {
        /// The name.
        file_name: FileName,
        /// Its type, usually a media type; `application/octet-stream` when absent.
        file_type: Option<FileType>,
        /// What the file is for; `default` when absent.
        configuration_set: Option<ArtifactConfigurationSet>,
    }
}

crate::request! {
    /// The file, and the version of it, to get.
    read struct GetRequest = "artifacts-get-request" {
        /// The file.
        id: ArtifactId,
        /// The version; the newest when absent.
        version: Option<String>,
    }
}

crate::request! {
    /// The file, and the version of it, to get.
    read struct LocateRequest = "artifacts-locate-request" {
        /// The file.
        id: ArtifactId,
        /// The version; the newest when absent.
        version: Option<String>,
    }
}

crate::request! {
    /// Which files to list.
    read struct ListRequest = "artifacts-list-request" {
        /// Files that are attached to this object.
        parent_id: Option<ArtifactParentId>,
    }
}

crate::id_requests! {
    /// The file that gets a new version.
    VersionsPrepareRequest = "artifacts-versions-prepare-request" { id: ArtifactId }
}

crate::request! {
    /// The version to delete for good.
    read struct VersionsDeleteRequest = "artifacts-hard-delete-version-request" {
        /// The file.
        id: ArtifactId,
        /// The version; the newest when absent.
        version: Option<String>,
    }
}

/// A file.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "artifact")]
pub struct Artifact {
    /// The ids of the object, who created and last changed it, and when.
    #[serde(flatten)]
    pub head: AtomBase,
    /// What the file is.
    pub file: ArtifactFile,
}

/// A version of a file.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "artifact-version")]
pub struct ArtifactVersion {
    /// Its name.
    pub version: String,
    /// When it was uploaded.
    pub timestamp: DateTime,
    /// Who uploaded it.
    pub modified_by: Option<Embedded<UserSummary>>,
}

/// A field of the upload form.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "artifacts-prepare-response-form-data")]
pub struct FormData {
    /// The name of the field.
    pub key: String,
    /// Its value.
    pub value: String,
}

/// Where to upload a file: by a form of the fields of `form_data`, then the field `file`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "artifacts-prepare-response")]
pub struct PrepareResponse {
    /// The file. In the answer about a new version, it is there for the vendor's Python client.
    pub id: String,
    /// Where to post the form; valid once, for 15 minutes.
    pub url: String,
    /// The fields that precede the file in the form.
    pub form_data: Vec<FormData>,
}

/// A file and its version.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "artifacts-get-response")]
pub struct GetResponse {
    /// The file.
    pub artifact: Artifact,
    /// The version; absent before the first upload.
    pub version: Option<ArtifactVersion>,
    /// The name again, for the vendor's Python client.
    pub file_name: String,
    /// The type of the file again, for the vendor's Python client.
    pub file_type: String,
    /// The size in bytes again, for the vendor's Python client.
    pub file_size: Option<i64>,
}

/// Where to download a file.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "artifacts-locate-response")]
pub struct LocateResponse {
    /// The address, which needs no token.
    pub url: String,
    /// Until when the address is valid.
    pub expires_at: DateTime,
}

/// Files.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "artifacts-list-response")]
pub struct ListResponse {
    /// The files, newest first.
    pub artifacts: Vec<Embedded<Artifact>>,
}
