//! The error body: a type, one readable sentence, and the type's own members at top level.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

macro_rules! error_types {
    ($($(#[$doc:meta])* $kind:ident $text:literal $status:literal;)*) => {
        /// The `type` of an error, which decides its HTTP status.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, JsonSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum ErrorType { $($(#[$doc])* $kind,)* }

        impl ErrorType {
            /// Every type.
            pub const ALL: &'static [Self] = &[$(Self::$kind,)*];

            /// The HTTP status that goes with it.
            pub const fn status(self) -> u16 {
                match self { $(Self::$kind => $status,)* }
            }

            /// The text in the body.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$kind => $text,)* }
            }
        }
    };
}

error_types! {
    /// A rule without a more precise type.
    BadRequest "bad_request" 400;
    /// The body is not JSON.
    ParseError "parse_error" 400;
    /// The media type of the body is not JSON.
    InvalidContentType "invalid_content_type" 400;
    /// An unknown `X-Devrev-Version`.
    InvalidApiVersion "invalid_api_version" 400;
    /// A member that is unknown here, or whose value can't be used.
    InvalidField "invalid_field" 400;
    /// A required member is absent.
    MissingRequiredField "missing_required_field" 400;
    /// A member has another JSON type.
    UnexpectedJsonType "unexpected_json_type" 400;
    /// A text outside its enum.
    InvalidEnumValue "invalid_enum_value" 400;
    /// A text that is not an id, or the id of nothing.
    InvalidId "invalid_id" 400;
    /// A well-formed id of another kind.
    UnexpectedIdType "unexpected_id_type" 400;
    /// A length, a range, a pattern or a rule of the tracker forbids the value.
    ValueNotPermitted "value_not_permitted" 400;
    /// A value that requires another member.
    MissingDependency "missing_dependency" 400;
    /// The artifact has a parent already, and can have only one.
    ArtifactAlreadyAttachedToAParent "artifact_already_attached_to_a_parent" 400;
    /// Custom fields that do not fit their schema.
    CustomizationValidationError "customization_validation_error" 400;
    /// Superseded schema fragments.
    StaleSchemaFragments "stale_schema_fragments" 400;
    /// Tickets that can't be merged.
    MergeWorksError "merge_works_error" 400;
    /// A cycle in the hierarchy of groups.
    GroupHierarchyCircularDependency "group_hierarchy_circular_dependency" 400;
    /// No credentials, or wrong ones.
    Unauthenticated "unauthenticated" 401;
    /// A token that has expired.
    TokenExpired "token_expired" 401;
    /// A token that was revoked.
    TokenRevoked "token_revoked" 401;
    /// Authenticated, but not allowed.
    Forbidden "forbidden" 403;
    /// Absent, deleted, or not visible.
    NotFound "not_found" 404;
    /// The path exists, the method does not.
    MethodNotAllowed "method_not_allowed" 405;
    /// A name that is taken, or an idempotency key used for another body.
    Conflict "conflict" 409;
    /// `If-Match` names a revision other than the present one.
    PreconditionFailed "precondition_failed" 412;
    /// The body is larger than the server takes.
    RequestEntityTooLarge "request_entity_too_large" 413;
    /// Too many requests in the window.
    TooManyRequests "too_many_requests" 429;
    /// A defect of the server or the machine.
    InternalError "internal_error" 500;
    /// A temporary fault.
    ServiceUnavailable "service_unavailable" 503;
}

/// An error as a client sees it.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ApiError {
    /// What went wrong, for programs.
    #[serde(rename = "type")]
    pub kind: ErrorType,
    /// What went wrong, for people.
    pub message: String,
    /// Where in the request, as a dotted path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The members that belong to the type.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl ApiError {
    /// An error with a sentence and no further members.
    pub fn new(kind: ErrorType, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), detail: None, extra: Map::new() }
    }

    /// Adds a member of the type.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.extra.insert(name.to_owned(), value.into());
        self
    }

    /// Adds the dotted path.
    #[must_use]
    pub fn at(mut self, path: impl Into<String>) -> Self {
        self.detail = Some(path.into());
        self
    }

    /// An error about one member: `field_name` is the leaf of the dotted path `field`, as observed
    /// on the hosted service; `detail` contains the whole path if that is longer.
    pub fn field(kind: ErrorType, field: &str, message: impl Into<String>) -> Self {
        let leaf = field.rsplit('.').next().unwrap_or(field);
        let error = Self::new(kind, message).with("field_name", leaf);
        if leaf == field { error } else { error.at(field) }
    }

    /// A rule without a more precise type.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(ErrorType::BadRequest, message)
    }

    /// A member that is not known here or can't be used.
    pub fn invalid_field(field: &str, message: impl Into<String>) -> Self {
        Self::field(ErrorType::InvalidField, field, message)
    }

    /// A required member is absent.
    pub fn missing(field: &str) -> Self {
        Self::field(ErrorType::MissingRequiredField, field, format!("{field} is required"))
    }

    /// A value that a limit or a rule forbids.
    pub fn not_permitted(field: &str, message: impl Into<String>) -> Self {
        Self::field(ErrorType::ValueNotPermitted, field, message)
    }

    /// A text that names no object.
    pub fn invalid_id(field: &str, message: impl Into<String>) -> Self {
        Self::field(ErrorType::InvalidId, field, message)
    }

    /// The object of the call does not exist.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(ErrorType::NotFound, message)
    }

    /// Not allowed.
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(ErrorType::Forbidden, message)
    }

    /// A name is taken.
    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(ErrorType::Conflict, message)
    }
}
