//! The types of events that webhooks are told of.

crate::wire_enum! {
    /// What a webhook is told of. Types of objects that this server does not have are accepted, and
    /// nothing is ever told of them.
    pub enum EventType = "webhook-event-type" {
        /// An account was created.
        AccountCreated = "account_created",
        /// An account was deleted.
        AccountDeleted = "account_deleted",
        /// An account was changed.
        AccountUpdated = "account_updated",
        /// An AI agent answered.
        AiAgentResponse = "ai_agent_response",
        /// An article was created.
        ArticleCreated = "article_created",
        /// An article was deleted.
        ArticleDeleted = "article_deleted",
        /// An article was changed.
        ArticleUpdated = "article_updated",
        /// An artifact was created.
        ArtifactCreated = "artifact_created",
        /// An artifact was deleted.
        ArtifactDeleted = "artifact_deleted",
        /// An artifact was changed.
        ArtifactUpdated = "artifact_updated",
        /// A conversation was created.
        ConversationCreated = "conversation_created",
        /// A conversation was deleted.
        ConversationDeleted = "conversation_deleted",
        /// A conversation was changed.
        ConversationUpdated = "conversation_updated",
        /// A dashboard was created.
        DashboardCreated = "dashboard_created",
        /// A dashboard was deleted.
        DashboardDeleted = "dashboard_deleted",
        /// A dashboard was changed.
        DashboardUpdated = "dashboard_updated",
        /// A member of the org was created.
        DevUserCreated = "dev_user_created",
        /// A member of the org was deleted.
        DevUserDeleted = "dev_user_deleted",
        /// A member of the org was changed.
        DevUserUpdated = "dev_user_updated",
        /// A group was created.
        GroupCreated = "group_created",
        /// A group was deleted.
        GroupDeleted = "group_deleted",
        /// Somebody became a member of a group.
        GroupMemberAdded = "group_member_added",
        /// Somebody is no member of a group any more.
        GroupMemberRemoved = "group_member_removed",
        /// A group was changed.
        GroupUpdated = "group_updated",
        /// An incident was created.
        IncidentCreated = "incident_created",
        /// An incident was deleted.
        IncidentDeleted = "incident_deleted",
        /// An incident was changed.
        IncidentUpdated = "incident_updated",
        /// A job was created.
        JobCreated = "job_created",
        /// A job was deleted.
        JobDeleted = "job_deleted",
        /// A job was changed.
        JobUpdated = "job_updated",
        /// A link was created.
        LinkCreated = "link_created",
        /// A link was deleted.
        LinkDeleted = "link_deleted",
        /// A link was changed.
        LinkUpdated = "link_updated",
        /// A part was created.
        PartCreated = "part_created",
        /// A part was deleted.
        PartDeleted = "part_deleted",
        /// A part was changed.
        PartUpdated = "part_updated",
        /// A question answer was created.
        QuestionAnswerCreated = "question_answer_created",
        /// A question answer was deleted.
        QuestionAnswerDeleted = "question_answer_deleted",
        /// A question answer was changed.
        QuestionAnswerUpdated = "question_answer_updated",
        /// A workspace was created.
        RevOrgCreated = "rev_org_created",
        /// A workspace was deleted.
        RevOrgDeleted = "rev_org_deleted",
        /// A workspace was changed.
        RevOrgUpdated = "rev_org_updated",
        /// A contact was created.
        RevUserCreated = "rev_user_created",
        /// A contact was deleted.
        RevUserDeleted = "rev_user_deleted",
        /// A contact was changed.
        RevUserUpdated = "rev_user_updated",
        /// An SLA tracker was created.
        SlaTrackerCreated = "sla_tracker_created",
        /// An SLA tracker was deleted.
        SlaTrackerDeleted = "sla_tracker_deleted",
        /// An SLA tracker was asked for by `webhooks.fetch`.
        SlaTrackerFetched = "sla_tracker_fetched",
        /// An SLA tracker was changed.
        SlaTrackerUpdated = "sla_tracker_updated",
        /// A survey was created.
        SurveyCreated = "survey_created",
        /// A survey was deleted.
        SurveyDeleted = "survey_deleted",
        /// A survey response was created.
        SurveyResponseCreated = "survey_response_created",
        /// A survey response was deleted.
        SurveyResponseDeleted = "survey_response_deleted",
        /// A survey response was changed.
        SurveyResponseUpdated = "survey_response_updated",
        /// A survey was changed.
        SurveyUpdated = "survey_updated",
        /// A sync history was created.
        SyncHistoryCreated = "sync_history_created",
        /// A sync history was deleted.
        SyncHistoryDeleted = "sync_history_deleted",
        /// A sync history was changed.
        SyncHistoryUpdated = "sync_history_updated",
        /// A sync unit was changed.
        SyncUnitUpdated = "sync_unit_updated",
        /// A tag was created.
        TagCreated = "tag_created",
        /// A tag was deleted.
        TagDeleted = "tag_deleted",
        /// A tag was changed.
        TagUpdated = "tag_updated",
        /// A comment was created.
        TimelineEntryCreated = "timeline_entry_created",
        /// A comment was deleted.
        TimelineEntryDeleted = "timeline_entry_deleted",
        /// A comment was changed.
        TimelineEntryUpdated = "timeline_entry_updated",
        /// Asks the receiver to prove that it is one. Every webhook has it.
        Verify = "verify",
        /// A webhook was created.
        WebhookCreated = "webhook_created",
        /// A webhook was deleted.
        WebhookDeleted = "webhook_deleted",
        /// A webhook was changed.
        WebhookUpdated = "webhook_updated",
        /// A widget was created.
        WidgetCreated = "widget_created",
        /// A widget was deleted.
        WidgetDeleted = "widget_deleted",
        /// A widget was changed.
        WidgetUpdated = "widget_updated",
        /// A work was created.
        WorkCreated = "work_created",
        /// A work was deleted.
        WorkDeleted = "work_deleted",
        /// A work was asked for by `webhooks.fetch`.
        WorkFetched = "work_fetched",
        /// A work was changed.
        WorkUpdated = "work_updated",
    }
}
