//! The filter of `works.list`, `works.export` and `works.count`.

use super::{Priority, Severity, TicketChannel, WorkType};
use crate::common::{
    AccountId, ChannelId, GroupId, PartId, RevOrgId, RevUserId, SprintId, StageId, TagId, UserId,
    VistaId, WorkId,
};
use crate::custom::ValuesByName;
use crate::sla_trackers::SlaSummaryFilter;
use crate::vistas::groups::SprintState;
use crate::{AtMost, DateFilter, PageRequest, SortBy, Timestamp};

crate::wire_enum! {
    /// The result of a sync.
    pub enum SyncStatus = "sync-in-status" {
        /// It failed.
        Failed = "failed",
        /// The object was changed since.
        Modified = "modified",
        /// It is waiting.
        Staged = "staged",
        /// It succeeded.
        Succeeded = "succeeded",
    }
}

crate::request! {
    /// Works in these stages, by name or by id; either list matches.
    read struct StageFilter = "stage-filter" {
        /// Stages by name.
        name: Vec<String>,
        /// Stages by id.
        stages: Vec<StageId>,
    }
}

crate::request! {
    /// Works by whether an import could not resolve something in them.
    read struct StagedInfoFilter = "staged-info-filter" {
        /// Whether something is unresolved.
        is_staged: Option<bool>,
    }
}

crate::request! {
    /// Works by their last sync.
    read struct SyncFilter = "sync-metadata-filter-sync-in-filter" {
        /// The result.
        status: Vec<SyncStatus>,
        /// When it was.
        sync_date: Option<DateFilter>,
        /// Its run; none is known here.
        sync_history: Vec<String>,
        /// Its unit; none is known here.
        sync_unit: Vec<String>,
    }
}

crate::request! {
    /// Works by the system that they were imported from.
    read struct SyncMetadataFilter = "sync-metadata-filter" {
        /// Their address there.
        external_reference: Vec<String>,
        /// The system.
        origin_system: Vec<String>,
        /// The last sync from there.
        last_sync_in: Option<SyncFilter>,
        /// The last sync to there.
        last_sync_out: Option<SyncFilter>,
    }
}

crate::request! {
    /// Conditions for issues only.
    read struct IssueFilter = "works-filter-issue" {
        /// Issues of these accounts, by linked tickets; there are no links yet.
        accounts: Vec<AccountId>,
        /// When work on them began.
        actual_start_date: Option<DateFilter>,
        /// Issues of these groups; an issue has none.
        group: Vec<GroupId>,
        /// How urgent they are.
        priority: Vec<Priority>,
        /// How urgent they are, by id.
        priority_v2: Vec<i64>,
        /// Issues of these workspaces, through linked tickets; there are no links yet.
        rev_orgs: Vec<RevOrgId>,
        /// Their SLA.
        sla_summary: Option<SlaSummaryFilter>,
        /// Issues of these sprints.
        sprint: Vec<SprintId>,
        /// Issues of sprints in these states.
        sprint_state: Vec<SprintState>,
        /// Issues of these subtypes.
        subtype: Vec<String>,
        /// When work on them should begin.
        target_start_date: Option<DateFilter>,
    }
}

crate::request! {
    /// Conditions for tickets only.
    read struct TicketFilter = "works-filter-ticket" {
        /// Tickets of these accounts.
        account: Vec<AccountId>,
        /// Tickets of these brands; there are none yet.
        brand: Vec<String>,
        /// The channels that they came from, in the old spelling.
        channels: Vec<TicketChannel>,
        /// The channels that they came from.
        channels_v2: Vec<ChannelId>,
        /// Tickets of these groups.
        group: Vec<GroupId>,
        /// Whether they are marked as frozen.
        is_frozen: Option<bool>,
        /// Whether they are junk.
        is_spam: Option<bool>,
        /// Whether the customer is waiting for an answer.
        needs_response: Option<bool>,
        /// Tickets of these workspaces.
        rev_org: Vec<RevOrgId>,
        /// How badly the customer is affected.
        severity: Vec<Severity>,
        /// Their SLA.
        sla_summary: Option<SlaSummaryFilter>,
        /// The channel that they first came from, as free text.
        source_channel: Vec<String>,
        /// The channel that they first came from.
        source_channel_v2: Vec<ChannelId>,
        /// Tickets of these subtypes.
        subtype: Vec<String>,
        /// Their surveys; there are none yet.
        surveys: Option<ValuesByName>,
        /// Who may see them.
        visibility: Vec<i64>,
    }
}

crate::request! {
    /// Conditions for opportunities only.
    read struct OpportunityFilter = "works-filter-opportunity" {
        /// Opportunities of these accounts.
        account: Vec<AccountId>,
        /// Opportunities with these people.
        contacts: Vec<RevUserId>,
        /// How likely they are.
        forecast_category_v2: Vec<i64>,
        /// Opportunities of these subtypes.
        subtype: Vec<String>,
    }
}

crate::request! {
    /// Which works: all members must match, of a list at least one value.
    read struct WorkFilter = "works-filter" {
        /// Works of these types.
        r#type: Vec<WorkType>,
        /// When they were done.
        actual_close_date: Option<DateFilter>,
        /// Works on exactly these parts.
        applies_to_part: Vec<PartId>,
        /// Who created them.
        created_by: Vec<UserId>,
        /// When they were created.
        created_date: Option<DateFilter>,
        /// Values of custom fields: for each field, any of these.
        custom_fields: Option<ValuesByName>,
        /// Their ids in other systems.
        external_ref: Vec<String>,
        /// These works; ids of nothing, and of what the caller may not see, match nothing.
        ids: AtMost<WorkId, 1000>,
        /// Conditions for issues only.
        issue: Option<IssueFilter>,
        /// Who last changed them.
        modified_by: Vec<UserId>,
        /// When they were last changed.
        modified_date: Option<DateFilter>,
        /// Conditions for opportunities only.
        opportunity: Option<OpportunityFilter>,
        /// Who owns them.
        owned_by: Vec<UserId>,
        /// Who reported them.
        reported_by: Vec<UserId>,
        /// Their stages.
        stage: Option<StageFilter>,
        /// The Python SDK's spelling of `stage.name`.
        stage_name: Vec<String>,
        /// What an import could not resolve.
        staged_info: Option<StagedInfoFilter>,
        /// Their states.
        state: Vec<String>,
        /// The systems that they were imported from.
        sync_metadata: Option<SyncMetadataFilter>,
        /// Works with any of these tags.
        tags: Vec<TagId>,
        /// When they are due.
        target_close_date: Option<DateFilter>,
        /// Conditions for tickets only.
        ticket: Option<TicketFilter>,
        /// Works of a vista.
        vista: Option<VistaId>,
    }
}

crate::request! {
    /// A page of works.
    read struct ListRequest = "works-list-request" {
        /// The moment as of which the list is shown: the works that matched then, as they were
        /// then. Names of stages and of custom fields, and what vistas contain, are those of now.
        as_of: Option<Timestamp>,
        /// How to sort.
        sort_by: Vec<SortBy>,
        .. filter: WorkFilter,
        .. page: PageRequest,
    }
}

crate::request! {
    /// Many works at once.
    read struct ExportRequest = "works-export-request" {
        /// How many at most: 50 when absent, 5,000 at most.
        first: Option<i64>,
        /// How to sort.
        sort_by: Vec<SortBy>,
        .. filter: WorkFilter,
    }
}
