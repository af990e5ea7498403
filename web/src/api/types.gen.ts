// Made from the description of the API by `npm run api`; not to be changed by hand.

/** What each operation takes and answers. */
export interface Operations {
  'accounts.create': { body: AccountsCreateRequest; answer: AccountsCreateResponse };
  'accounts.get': { body: AccountsGetRequest; answer: AccountResponse };
  'accounts.list': { body: AccountsListRequest; answer: AccountsListResponse };
  'accounts.update': { body: AccountsUpdateRequest; answer: AccountResponse };
  'artifacts.locate': { body: ArtifactsLocateRequest; answer: ArtifactsLocateResponse };
  'artifacts.prepare': { body: ArtifactsPrepareRequest; answer: ArtifactsPrepareResponse };
  'auth-tokens.create': { body: AuthTokensCreateRequest; answer: AuthTokensCreateResponse };
  'auth-tokens.delete': { body: AuthTokensDeleteRequest; answer: Empty };
  'auth-tokens.list': { body: AuthTokensListRequest; answer: AuthTokensListResponse };
  'dev-orgs.get': { body: DevOrgsGetRequest; answer: DevOrgResponse };
  'dev-users.activate': { body: DevUsersActivateRequest; answer: DevUsersActivateResponse };
  'dev-users.create': { body: DevUsersCreateRequest; answer: DevUserResponse };
  'dev-users.deactivate': { body: DevUsersDeactivateRequest; answer: Empty };
  'dev-users.list': { body: DevUsersListRequest; answer: DevUsersListResponse };
  'dev-users.self': { body: DevUsersSelfRequest; answer: DevUserResponse };
  'events.stream': { body: EventsStreamRequest; answer: Event };
  'groups.list': { body: GroupsListRequest; answer: GroupsListResponse };
  'links.create': { body: LinksCreateRequest; answer: LinkResponse };
  'links.delete': { body: LinksDeleteRequest; answer: Empty };
  'links.list': { body: LinksListRequest; answer: LinksListResponse };
  'links.replace': { body: LinksReplaceRequest; answer: LinkResponse };
  'metric-definitions.list': { body: MetricDefinitionsListRequest; answer: MetricDefinitionsListResponse };
  'notifications.count': { body: NotificationsCountRequest; answer: NotificationsCountResponse };
  'notifications.get': { body: NotificationsGetRequest; answer: NotificationsGetResponse };
  'notifications.list': { body: NotificationsListRequest; answer: NotificationsListResponse };
  'notifications.update': { body: NotificationsUpdateRequest; answer: NotificationsUpdateResponse };
  'org-schedule-fragments.create': { body: OrgScheduleFragmentsCreateRequest; answer: OrgScheduleFragmentResponse };
  'org-schedule-fragments.get': { body: OrgScheduleFragmentsGetRequest; answer: OrgScheduleFragmentResponse };
  'org-schedule-fragments.transition': { body: OrgScheduleFragmentsTransitionRequest; answer: OrgScheduleFragmentResponse };
  'org-schedules.create': { body: OrgSchedulesCreateRequest; answer: OrgScheduleResponse };
  'org-schedules.evaluate': { body: OrgSchedulesEvaluateRequest; answer: OrgSchedulesEvaluateResponse };
  'org-schedules.get': { body: OrgSchedulesGetRequest; answer: OrgScheduleResponse };
  'org-schedules.list': { body: OrgSchedulesListRequest; answer: OrgSchedulesListResponse };
  'org-schedules.set-future': { body: OrgSchedulesSetFutureRequest; answer: OrgScheduleResponse };
  'org-schedules.transition': { body: OrgSchedulesTransitionRequest; answer: OrgScheduleResponse };
  'org-schedules.update': { body: OrgSchedulesUpdateRequest; answer: OrgScheduleResponse };
  'parts.create': { body: PartsCreateRequest; answer: PartResponse };
  'parts.delete': { body: PartsDeleteRequest; answer: Empty };
  'parts.list': { body: PartsListRequest; answer: PartsListResponse };
  'parts.update': { body: PartsUpdateRequest; answer: PartResponse };
  'preferences.get': { body: PreferencesGetRequest; answer: PreferencesResponse };
  'preferences.update': { body: PreferencesUpdateRequest; answer: PreferencesResponse };
  'reactions.update': { body: ReactionsUpdateRequest; answer: Empty };
  'rev-orgs.create': { body: RevOrgsCreateRequest; answer: RevOrgResponse };
  'rev-orgs.list': { body: RevOrgsListRequest; answer: RevOrgsListResponse };
  'rev-users.create': { body: RevUsersCreateRequest; answer: RevUserResponse };
  'rev-users.list': { body: RevUsersListRequest; answer: RevUsersListResponse };
  'search.core': { body: SearchCoreRequest; answer: SearchCoreResponse };
  'schemas.aggregated.get': { body: AggregatedSchemaGetRequest; answer: AggregatedSchemaGetResponse };
  'schemas.custom.list': { body: CustomSchemaFragmentsListRequest; answer: SchemaFragmentsListResponse };
  'schemas.custom.set': { body: CustomSchemaFragmentsSetRequest; answer: CustomSchemaFragmentsSetResponse };
  'schemas.subtypes.list': { body: SubtypesListRequest; answer: SubtypesListResponse };
  'service-accounts.create': { body: ServiceAccountsCreateRequest; answer: ServiceAccountResponse };
  'sla-trackers.explain': { body: SlaTrackersExplainRequest; answer: SlaTrackersExplainResponse };
  'sla-trackers.get': { body: SlaTrackersGetRequest; answer: SlaTrackerResponse };
  'sla-trackers.list': { body: SlaTrackersListRequest; answer: SlaTrackersListResponse };
  'slas.assign': { body: SlasAssignRequest; answer: SlasAssignResponse };
  'slas.create': { body: SlasCreateRequest; answer: SlaResponse };
  'slas.list': { body: SlasListRequest; answer: SlasListResponse };
  'slas.transition': { body: SlasTransitionRequest; answer: SlaResponse };
  'slas.update': { body: SlasUpdateRequest; answer: SlaResponse };
  'stage-diagrams.get': { body: StageDiagramsGetRequest; answer: StageDiagramResponse };
  'stage-diagrams.update': { body: StageDiagramsUpdateRequest; answer: StageDiagramResponse };
  'stages.custom.create': { body: CustomStagesCreateRequest; answer: CustomStageResponse };
  'stages.custom.list': { body: CustomStagesListRequest; answer: CustomStageListResponse };
  'states.custom.list': { body: CustomStatesListRequest; answer: CustomStateListResponse };
  'subscribers.get': { body: SubscribersGetRequest; answer: SubscribersGetResponse };
  'subscribers.list': { body: SubscribersListRequest; answer: SubscribersListResponse };
  'subscribers.update': { body: SubscribersUpdateRequest; answer: Empty };
  'sys-users.list': { body: SysUsersListRequest; answer: SysUsersListResponse };
  'tags.create': { body: TagsCreateRequest; answer: TagResponse };
  'tags.list': { body: TagsListRequest; answer: TagsListResponse };
  'timeline-entries.create': { body: TimelineEntriesCreateRequest; answer: TimelineEntryResponse };
  'timeline-entries.delete': { body: TimelineEntriesDeleteRequest; answer: Empty };
  'timeline-entries.get': { body: TimelineEntriesGetRequest; answer: TimelineEntryResponse };
  'timeline-entries.list': { body: TimelineEntriesListRequest; answer: TimelineEntriesListResponse };
  'timeline-entries.update': { body: TimelineEntriesUpdateRequest; answer: TimelineEntryResponse };
  'vistas.create': { body: VistasCreateRequest; answer: VistaResponse };
  'vistas.delete': { body: VistasDeleteRequest; answer: Empty };
  'vistas.get': { body: VistasGetRequest; answer: VistaResponse };
  'vistas.groups.create': { body: VistasGroupsCreateRequest; answer: VistaGroupResponse };
  'vistas.groups.get': { body: VistasGroupsGetRequest; answer: VistaGroupResponse };
  'vistas.groups.list': { body: VistasGroupsListRequest; answer: VistaGroupItemsListResponse };
  'vistas.groups.update': { body: VistasGroupsUpdateRequest; answer: VistaGroupResponse };
  'vistas.list': { body: VistasListRequest; answer: VistasListResponse };
  'webhooks.create': { body: WebhooksCreateRequest; answer: WebhookResponse };
  'webhooks.delete': { body: WebhooksDeleteRequest; answer: Empty };
  'webhooks.deliveries.get': { body: WebhooksDeliveriesGetRequest; answer: WebhooksDeliveriesGetResponse };
  'webhooks.deliveries.list': { body: WebhooksDeliveriesListRequest; answer: WebhooksDeliveriesListResponse };
  'webhooks.deliveries.redeliver': { body: WebhooksDeliveriesRedeliverRequest; answer: WebhooksDeliveriesRedeliverResponse };
  'webhooks.list': { body: WebhooksListRequest; answer: WebhooksListResponse };
  'webhooks.update': { body: WebhooksUpdateRequest; answer: WebhookResponse };
  'works.count': { body: WorksCountRequest; answer: WorksCountResponse };
  'works.create': { body: WorksCreateRequest; answer: WorkResponse };
  'works.delete': { body: WorksDeleteRequest; answer: Empty };
  'works.get': { body: WorksGetRequest; answer: WorkResponse };
  'works.list': { body: WorksListRequest; answer: WorksListResponse };
  'works.update': { body: WorksUpdateRequest; answer: WorkResponse };
}

/** What errors are called. */
export type ErrorName = ErrorType;

export type ErrorType = "bad_request" | "parse_error" | "invalid_content_type" | "invalid_api_version" | "invalid_field" | "missing_required_field" | "unexpected_json_type" | "invalid_enum_value" | "invalid_id" | "unexpected_id_type" | "value_not_permitted" | "missing_dependency" | "artifact_already_attached_to_a_parent" | "customization_validation_error" | "stale_schema_fragments" | "merge_works_error" | "group_hierarchy_circular_dependency" | "unauthenticated" | "token_expired" | "token_revoked" | "forbidden" | "not_found" | "method_not_allowed" | "conflict" | "precondition_failed" | "request_entity_too_large" | "too_many_requests" | "internal_error" | "service_unavailable";
export type Account = {
  id: string;
  display_id?: string;
  created_by?: UserSummary;
  created_date?: string;
  modified_by?: UserSummary;
  modified_date?: string;
  display_name: string;
  description?: string;
  domains?: string[];
  external_refs?: string[];
  owned_by: UserSummary[];
  primary_account?: AccountSummary;
  tier?: string;
  websites?: string[];
  tags?: TagWithValue[];
  artifacts?: ArtifactSummary[]
};
export type AccountResponse = { account: Account };
export type AccountSummary = { id: string; display_id?: string; display_name?: string };
export type AccountsCreateRequest = {
  display_name: string;
  description?: string;
  domains?: string[];
  external_refs?: string[];
  owned_by?: string[];
  tier?: string;
  websites?: string[];
  tags?: SetTagWithValue[];
  artifacts?: string[];
  schema_fragment_ids?: string[];
  custom_fields?: Record<string, unknown>;
  custom_schema_spec?: CustomSchemaSpec;
  custom_schema_fragments?: string[]
};
export type AccountsCreateResponse = { account: Account; default_rev_org: RevOrg };
export type AccountsFilters = {
  created_by?: string[];
  created_date?: {
    after?: string;
    before?: string
  };
  modified_date?: {
    after?: string;
    before?: string
  };
  custom_fields?: Record<string, unknown>;
  display_name?: string[];
  domains?: string[];
  external_refs?: string[];
  owned_by?: string[];
  stage?: string[];
  stage_name?: string[];
  subtype?: string[];
  tags?: string[];
  tier?: string[];
  websites?: string[]
};
export type AccountsGetRequest = { id: string };
export type AccountsListRequest = {
  sort_by?: string[];
  created_by?: string[];
  created_date?: {
    after?: string;
    before?: string
  };
  modified_date?: {
    after?: string;
    before?: string
  };
  custom_fields?: Record<string, unknown>;
  display_name?: string[];
  domains?: string[];
  external_refs?: string[];
  owned_by?: string[];
  stage?: string[];
  stage_name?: string[];
  subtype?: string[];
  tags?: string[];
  tier?: string[];
  websites?: string[];
  cursor?: string;
  limit?: number;
  mode?: ListMode
};
export type AccountsListResponse = { accounts: Account[]; revisions?: number[]; next_cursor?: string; prev_cursor?: string };
export type AccountsUpdateRequest = {
  id: string;
  display_name?: string;
  description?: string;
  domains?: string[];
  external_refs?: string[];
  owned_by?: string[];
  tier?: string | null;
  websites?: {
    set?: string[]
  };
  tags?: SetTagWithValue[];
  artifacts?: {
    set?: string[]
  };
  schema_fragment_ids?: string[];
  custom_fields?: Record<string, unknown>;
  custom_schema_spec?: CustomSchemaSpec;
  custom_schema_fragments?: string[]
};
export type AggregatedSchema = {
  apps?: string[];
  conditions?: CustomSchemaFragmentCondition[];
  custom_composite_schemas: CompositeSchema[];
  custom_fields: SchemaFieldDescriptor[];
  is_custom_leaf_type?: boolean;
  leaf_type?: string;
  stage_diagram_id?: StageDiagramSummary;
  stock_composite_schemas: CompositeSchema[];
  stock_field_overrides?: StockFieldOverride[];
  stock_fields: SchemaFieldDescriptor[];
  subtype?: string;
  subtype_display_name?: string
};
export type AggregatedSchemaGetRequest = {
  custom_schema_fragments?: string[];
  custom_schema_spec?: CustomSchemaSpecForRead;
  is_custom_leaf_type?: boolean;
  leaf_type?: string;
  stock_schema_fragment?: string
};
export type AggregatedSchemaGetResponse = { schema: AggregatedSchema };
export type AppFragment = {
  id: string;
  display_id?: string;
  created_by?: UserSummary;
  created_date?: string;
  modified_by?: UserSummary;
  modified_date?: string;
  composite_schemas?: CompositeSchema[];
  conditions?: CustomSchemaFragmentCondition[];
  deprecated: boolean;
  description: string;
  fields?: SchemaFieldDescriptor[];
  fragment_type: "app" | "custom_type" | "tenant";
  is_custom_leaf_type: boolean;
  is_deprecated: boolean;
  leaf_type: string;
  new_fragment_ref?: CustomSchemaFragmentSummary;
  old_fragment_ref?: CustomSchemaFragmentSummary;
  app: string;
  app_display_name?: string
};
export type AppliesToPartFilter = { parts: string[]; include_child_parts?: boolean };
export type ArchetypeMetricTarget = {
  breached_at?: string;
  completed_at?: string;
  completed_in?: number;
  completed_in_seconds?: number;
  in_policy: boolean;
  is_out_of_schedule?: boolean;
  metric_definition: MetricDefinitionSummary;
  next_schedule_transition?: string;
  org_schedule?: OrgScheduleSummary;
  org_schedule_version?: number;
  remaining_time?: number;
  stage: SlaSummaryStage;
  status?: SlaTrackerStatus;
  target_time?: string;
  warning_target_time?: string
};
export type ArchetypeSlaSummary = {
  closest_to_breach_metric?: string;
  org_schedule?: OrgScheduleSummary;
  remaining_time?: number;
  sla_tracker?: SlaTracker;
  stage?: SlaSummaryStage;
  target_time?: string
};
export type ArtifactConfigurationSet = "article_media" | "default" | "email_media" | "favicon" | "job_data" | "marketplace_listing_icon" | "marketplace_media" | "object_export" | "org_logo" | "plug_css" | "plug_setting" | "plug_setting_banner_card" | "portal_css" | "snap_in_functions_code" | "snap_widget" | "user_profile_picture" | "work";
export type ArtifactFile = { type: string; name: string; size?: number };
export type ArtifactSummary = { id: string; display_id?: string; file: ArtifactFile };
export type ArtifactsLocateRequest = { id: string; version?: string };
export type ArtifactsLocateResponse = { url: string; expires_at: string };
export type ArtifactsPrepareRequest = { file_name: string; file_type?: string; configuration_set?: ArtifactConfigurationSet };
export type ArtifactsPrepareResponse = { id: string; url: string; form_data: ArtifactsPrepareResponseFormData[] };
export type ArtifactsPrepareResponseFormData = { key: string; value: string };
export type AtomBaseSummary = { id: string; display_id?: string };
export type AtomSummary = { type: string; id: string; display_id?: string };
export type AuthToken = {
  id: string;
  display_id?: string;
  created_by?: UserSummary;
  created_date?: string;
  modified_by?: UserSummary;
  modified_date?: string;
  client_id?: string;
  expires_at?: string;
  issued_at: string;
  requested_token_type: AuthTokenRequestedTokenType;
  scopes?: string[];
  status: AuthTokenStatus;
  subject: string;
  token_hint: string
};
export type AuthTokenGrantType = "urn:devrev:params:oauth:grant-type:token-issue" | "urn:ietf:params:oauth:grant-type:token-exchange";
export type AuthTokenRequestedTokenType = "urn:devrev:params:oauth:token-type:aat" | "urn:devrev:params:oauth:token-type:aat:act-as" | "urn:devrev:params:oauth:token-type:aat:public" | "urn:devrev:params:oauth:token-type:dev" | "urn:devrev:params:oauth:token-type:dev:connect" | "urn:devrev:params:oauth:token-type:gat" | "urn:devrev:params:oauth:token-type:pat" | "urn:devrev:params:oauth:token-type:pat:act-as" | "urn:devrev:params:oauth:token-type:rat" | "urn:devrev:params:oauth:token-type:rev" | "urn:devrev:params:oauth:token-type:session" | "urn:devrev:params:oauth:token-type:session:dev" | "urn:devrev:params:oauth:token-type:session:dev0" | "urn:devrev:params:oauth:token-type:session:onetime" | "urn:devrev:params:oauth:token-type:session:rev" | "urn:devrev:params:oauth:token-type:session:rev:act-as" | "urn:devrev:params:oauth:token-type:super" | "urn:devrev:params:oauth:token-type:sys" | "urn:ietf:params:oauth:token-type:jwt";
export type AuthTokenStatus = "active" | "expired" | "revoked";
export type AuthTokenSubjectTokenType = "urn:devrev:params:oauth:token-type:jwt:auth0" | "urn:devrev:params:oauth:token-type:jwt:dev" | "urn:devrev:params:oauth:token-type:rat" | "urn:devrev:params:oauth:token-type:rev" | "urn:devrev:params:oauth:token-type:revinfo" | "urn:devrev:params:oauth:token-type:session" | "urn:devrev:params:oauth:token-type:sysu" | "urn:devrev:params:oauth:token-type:userinfo" | "urn:ietf:params:oauth:token-type:jwt";
export type AuthTokensAccountTraits = { custom_fields?: Record<string, unknown>; display_name?: string; domains?: string[] };
export type AuthTokensCreateRequest = {
  act_as?: string;
  aud?: string[];
  client_id?: string;
  expires_in?: number;
  expires_in_mins?: number;
  grant_type?: AuthTokenGrantType;
  requested_token_type?: AuthTokenRequestedTokenType;
  rev_info?: AuthTokensRevInfo;
  scope?: string;
  subject_token?: string;
  subject_token_type?: AuthTokenSubjectTokenType;
  token_hint?: string
};
export type AuthTokensCreateResponse = { access_token: string; client_id?: string; expires_in: number; scope?: string; token_type: "bearer" };
export type AuthTokensDeleteRequest = { token_id?: string };
export type AuthTokensListRequest = { client_id?: string; requested_token_type?: AuthTokenRequestedTokenType; subject?: string };
export type AuthTokensListResponse = { tokens: AuthToken[] };
export type AuthTokensOrgTraits = {
  custom_fields?: Record<string, unknown>;
  description?: string;
  display_name?: string;
  domain?: string;
  phone_numbers?: string[];
  tier?: string
};
export type AuthTokensRevInfo = {
  account_ref?: string;
  account_traits?: AuthTokensAccountTraits;
  org_ref?: string;
  org_traits?: AuthTokensOrgTraits;
  user_id?: string;
  user_ref?: string;
  user_traits?: AuthTokensUserTraits;
  workspace_ref?: string;
  workspace_traits?: AuthTokensOrgTraits
};
export type AuthTokensUserTraits = {
  custom_fields?: Record<string, unknown>;
  description?: string;
  display_name?: string;
  email?: string;
  full_name?: string;
  phone_numbers?: string[]
};
export type AvailabilityPreferencesGroup = { manual_away?: boolean };
export type BooleanExpression = Record<string, unknown>;
export type ChannelSummary = { id: string; display_id?: string };
export type Color = string;
export type CommentSearchSummary = { comment: AtomBaseSummary; created_by?: UserSummary; created_date: string; object: string; snippet: string };
export type CompositeSchema = { name: string; description?: string; fields: SchemaFieldDescriptor[] };
export type CreateOrgScheduleInterval = { from: string; name: string; is_excluded?: boolean; to?: string };
export type CreateStageNode = { stage_id: string; is_start?: boolean; is_deprecated?: boolean; transitions?: CreateStageTransition[] };
export type CreateStageTransition = { target_stage_id: string; ui?: CreateStageUiMetadata };
export type CreateStageUiMetadata = { is_hidden?: boolean };
export type CreateWeeklyOrgScheduleInterval = { from: number; to: number };
export type CustomLinkTypeSummary = { id: string; display_id?: string };
export type CustomObjectSummary = { id: string; display_id?: string; leaf_type: string; title?: string };
export type CustomSchemaFragment = AppFragment | CustomTypeFragment | TenantFragment;
export type CustomSchemaFragmentCondition = { expression: string; effects?: CustomSchemaFragmentEffect[] };
export type CustomSchemaFragmentEffect = {
  fields: string[];
  require?: boolean;
  show?: boolean;
  allowed_values?: string[];
  immutable?: boolean;
  invalid?: boolean
};
export type CustomSchemaFragmentSummary = { type: CustomSchemaFragmentType; id: string; display_id?: string };
export type CustomSchemaFragmentType = "app_fragment" | "custom_type_fragment" | "tenant_fragment";
export type CustomSchemaFragmentsListRequest = {
  app?: string[];
  deprecated?: boolean;
  include_sync_metadata?: boolean;
  is_custom_leaf_type?: boolean;
  is_deprecated?: boolean;
  leaf_type?: string[];
  prune?: CustomSchemaFragmentsListRequestPrune[];
  sort_by?: string[];
  subtype?: string[];
  types?: CustomSchemaFragmentType[];
  cursor?: string;
  limit?: number;
  mode?: ListMode
};
export type CustomSchemaFragmentsListRequestPrune = "fields";
export type CustomSchemaFragmentsSetRequest = ({
  type: "app_fragment"
} & CustomSchemaFragmentsSetRequestAppFragment) | ({
  type: "custom_type_fragment"
} & CustomSchemaFragmentsSetRequestCustomTypeFragment) | ({
  type: "tenant_fragment"
} & CustomSchemaFragmentsSetRequestTenantFragment);
export type CustomSchemaFragmentsSetRequestAppFragment = {
  app: string;
  app_display_name?: string;
  type: CustomSchemaFragmentType;
  leaf_type: string;
  description: string;
  fields?: SchemaFieldDescriptor[];
  deleted_fields?: string[];
  is_custom_leaf_type?: boolean;
  is_deprecated?: boolean;
  deprecated?: boolean;
  conditions?: CustomSchemaFragmentCondition[];
  composite_schemas?: CompositeSchema[]
};
export type CustomSchemaFragmentsSetRequestCustomTypeFragment = {
  subtype: string;
  subtype_display_name?: string;
  path?: Array<Record<string, unknown>>;
  stage_diagram?: string;
  stage_diagram_id?: string;
  stock_field_overrides?: StockFieldOverride[];
  type: CustomSchemaFragmentType;
  leaf_type: string;
  description: string;
  fields?: SchemaFieldDescriptor[];
  deleted_fields?: string[];
  is_custom_leaf_type?: boolean;
  is_deprecated?: boolean;
  deprecated?: boolean;
  conditions?: CustomSchemaFragmentCondition[];
  composite_schemas?: CompositeSchema[]
};
export type CustomSchemaFragmentsSetRequestTenantFragment = {
  id_prefix?: string;
  leaf_type_display_name?: string;
  stage_diagram?: string;
  stage_diagram_id?: string;
  stock_field_overrides?: StockFieldOverride[];
  type: CustomSchemaFragmentType;
  leaf_type: string;
  description: string;
  fields?: SchemaFieldDescriptor[];
  deleted_fields?: string[];
  is_custom_leaf_type?: boolean;
  is_deprecated?: boolean;
  deprecated?: boolean;
  conditions?: CustomSchemaFragmentCondition[];
  composite_schemas?: CompositeSchema[]
};
export type CustomSchemaFragmentsSetResponse = { id: string };
export type CustomSchemaSpec = {
  tenant_fragment?: boolean;
  subtype?: string;
  apps?: string[];
  validate_required_fields?: boolean;
  drop?: CustomSchemaSpecDrop
};
export type CustomSchemaSpecDrop = { apps?: string[]; subtype?: boolean };
export type CustomSchemaSpecForRead = { apps?: string[]; subtype?: string };
export type CustomStage = {
  id: string;
  display_id?: string;
  created_by?: UserSummary;
  created_date?: string;
  modified_by?: UserSummary;
  modified_date?: string;
  name: string;
  display_name: string;
  ordinal: number;
  state?: CustomStateSummary;
  marketplace_ref?: string
};
export type CustomStageListResponse = { result: CustomStage[]; revisions?: number[]; cursor?: string; next_cursor?: string };
export type CustomStageResponse = { custom_stage: CustomStage };
export type CustomStageSummary = { id: string; name: string; display_name: string };
export type CustomStagesCreateRequest = { name: string; ordinal: number; state: string; marketplace_ref?: string };
export type CustomStagesListRequest = { name?: string[]; ordinal?: number[]; sort_by?: string[]; cursor?: string; limit?: number };
export type CustomState = {
  id: string;
  display_id?: string;
  created_by?: UserSummary;
  created_date?: string;
  modified_by?: UserSummary;
  modified_date?: string;
  name: string;
  ordinal: number;
  is_final: boolean
};
export type CustomStateListResponse = { result: CustomState[]; revisions?: number[]; cursor?: string; next_cursor?: string };
export type CustomStateSummary = { id: string; name: string; is_final: boolean };
export type CustomStatesListRequest = { name?: string[]; ordinal?: number[]; is_final?: boolean; sort_by?: string[]; cursor?: string; limit?: number };
export type CustomTypeFragment = {
  id: string;
  display_id?: string;
  created_by?: UserSummary;
  created_date?: string;
  modified_by?: UserSummary;
  modified_date?: string;
  composite_schemas?: CompositeSchema[];
  conditions?: CustomSchemaFragmentCondition[];
  deprecated: boolean;
  description: string;
  fields?: SchemaFieldDescriptor[];
  fragment_type: "app" | "custom_type" | "tenant";
  is_custom_leaf_type: boolean;
  is_deprecated: boolean;
  leaf_type: string;
  new_fragment_ref?: CustomSchemaFragmentSummary;
  old_fragment_ref?: CustomSchemaFragmentSummary;
  path?: Array<Record<string, unknown>>;
  stage_diagram?: StageDiagramSummary;
  stock_field_overrides?: StockFieldOverride[];
  subtype: string;
  subtype_display_name?: string
};
export type Definedness = "immutable" | "mutable" | "undefined";
export type DevOrg = {
  id: string;
  display_id?: string;
  created_by?: UserSummary;
  created_date?: string;
  modified_by?: UserSummary;
  modified_date?: string;
  display_name: string;
  dev_slug: string
};
export type DevOrgResponse = { dev_org: DevOrg };
export type DevOrgsGetRequest = Record<string, unknown>;
export type DevUser = {
  id: string;
  display_id?: string;
  created_by?: UserSummary;
  created_date?: string;
  modified_by?: UserSummary;
  modified_date?: string;
  display_name: string;
  display_picture?: ArtifactSummary;
  email: string;
  experience_start_date?: string;
  external_identities?: ExternalIdentity[];
  full_name?: string;
  job_history?: JobHistoryItem[];
  job_title?: DevUserJobTitle;
  phone_numbers?: string[];
  primary_identity?: UserSummary;
  reports_to?: UserSummary;
  skills?: UserSkill[];
  state: UserState;
  timezone?: string
};
export type DevUserExternalIdentityFilter = { id?: string; issuer?: string };
export type DevUserJobTitle = "customer_success_manager" | "cxo" | "designer" | "developer" | "head_of_support" | "operations" | "others" | "product_manager" | "qa" | "revenue_leader" | "support" | "tech_lead";
export type DevUserResponse = { dev_user: DevUser };
export type DevUsersActivateRequest = { id: string; groups?: string[] };
export type DevUsersActivateResponse = { dev_user: DevUser; invite_sent: boolean };
export type DevUsersCreateRequest = {
  email: string;
  full_name?: string;
  reports_to?: string;
  state: DevUsersCreateRequestStateEnumValue;
  custom_fields?: Record<string, unknown>;
  custom_schema_spec?: CustomSchemaSpec;
  custom_schema_fragments?: string[]
};
export type DevUsersCreateRequestStateEnumValue = "shadow";
export type DevUsersDeactivateRequest = { id: string };
export type DevUsersListRequest = {
  created_date?: {
    after?: string;
    before?: string;
    type?: "range" | "preset";
    preset_type?: "last_n_days" | "next_n_days";
    days?: number
  };
  custom_fields?: Record<string, unknown>;
  email?: string[];
  external_identity?: DevUserExternalIdentityFilter[];
  modified_date?: {
    after?: string;
    before?: string;
    type?: "range" | "preset";
    preset_type?: "last_n_days" | "next_n_days";
    days?: number
  };
  phone_numbers?: string[];
  sort_by?: string[];
  state?: UserState[];
  timezone?: string[];
  cursor?: string;
  limit?: number;
  mode?: ListMode
};
export type DevUsersListResponse = { dev_users: DevUser[]; revisions?: number[]; next_cursor?: string; prev_cursor?: string };
export type DevUsersSelfRequest = Record<string, unknown>;
export type DynamicVistaFilterType = "accounts" | "articles" | "conversations" | "credits" | "custom_objects" | "dev_users" | "incidents" | "invoices" | "meetings" | "parts" | "quotes" | "rev_orgs" | "rev_users" | "works";
export type EmailInfo = { address: string; name?: string; user?: UserSummary };
export type EmailInlineAttachment = { artifact?: ArtifactSummary; content_id?: string };
export type EmailPreviewWidget = {
  id: string;
  display_id?: string;
  created_by?: UserSummary;
  created_date?: string;
  modified_by?: UserSummary;
  modified_date?: string;
  name: string;
  namespace?: SnapWidgetNamespace;
  status: SnapWidgetStatus;
  bcc: EmailInfo[];
  cc: EmailInfo[];
  from: EmailInfo[];
  html_body?: string;
  in_reply_to?: string;
  inlines: EmailInlineAttachment[];
  is_spam?: boolean;
  message_id?: string;
  raw_email_artifact?: ArtifactSummary;
  references: string[];
  reply_to: EmailInfo[];
  sent_timestamp?: string;
  subject?: string;
  text_body?: string;
  to: EmailInfo[]
};
export type EmbedLinksCreateRequest = { link_type: LinkType; source?: string; target?: string };
export type Empty = Record<string, unknown>;
export type EnhancementRevScoreTier = "high" | "low" | "medium";
export type EnumValue = { id: number; label: string; ordinal: number };
export type Event = {
  cursor: string;
  type: EventType;
  date: string;
  actor?: UserSummary;
  object_type: string;
  object: AtomBaseSummary;
  summary?: Record<string, unknown>;
  revision: number;
  old?: Record<string, unknown>;
  new?: Record<string, unknown>;
  also_shown?: EventAlsoShown[];
  has_more_also_shown?: boolean
};
export type EventAlsoShown = {
  object_type: string;
  object: AtomBaseSummary;
  summary: Record<string, unknown>;
  revision: number;
  new: Record<string, unknown>
};
export type EventType = "created" | "updated" | "deleted" | "shown" | "hidden";
export type EventsStreamRequest = { limit?: number; cursor?: string; from?: FeedStart; object?: string; object_types?: string[] };
export type ExternalIdentity = { display_name?: string; id: string; is_verified: boolean; issuer: string };
export type FeedStart = "beginning" | "now";
export type FieldDelta = { name: string; new_value?: FieldValue; old_value?: FieldValue };
export type FieldValue = {
  type: "bool";
  value: boolean
} | {
  type: "bool_list";
  values: boolean[]
} | FieldValueComposite | {
  type: "composite_list";
  values: FieldValueComposite[]
} | {
  type: "date_time";
  value: string
} | {
  type: "double";
  value: number
} | {
  type: "double_list";
  values: number[]
} | {
  type: "id";
  value: string
} | {
  type: "id_list";
  values: string[]
} | {
  type: "int";
  value: number
} | {
  type: "int_list";
  values: number[]
} | {
  type: "stage";
  name: string;
  fields: Record<string, unknown>
} | {
  type: "string";
  value: string
} | {
  type: "string_list";
  values: string[]
} | {
  type: "tag_summary_list";
  values: FieldValueTagSummary[]
};
export type FieldValueComposite = { fields: Record<string, unknown> };
export type FieldValueTagSummary = { name?: string; tag_id: string; value?: string };
export type GeneralPreferencesGroup = { availability?: AvailabilityPreferencesGroup; preferred_locale?: string };
export type GenericNotificationEventType = "alert" | "assignment" | "mention" | "reminder" | "update";
export type Group = {
  id: string;
  display_id?: string;
  created_by?: UserSummary;
  created_date?: string;
  modified_by?: UserSummary;
  modified_date?: string;
  name: string;
  description?: string;
  dynamic_group_info?: GroupsUpdateRequestDynamicGroupInfo;
  is_default: boolean;
  member_type: GroupMemberType;
  owner?: UserSummary;
  type: GroupType
};
export type GroupIngestionSource = "airdrop" | "scim";
export type GroupMemberType = "dev_user" | "rev_user";
export type GroupSummary = { id: string; display_id?: string; name?: string; member_type?: "dev_user" | "rev_user" };
export type GroupType = "dynamic" | "static";
export type GroupedVistaFlavor = "nnl" | "sprint_board" | "support_inbox";
export type GroupsListRequest = {
  created_by?: string[];
  group_type?: GroupType[];
  ingestion_source?: GroupIngestionSource[];
  is_default?: boolean;
  member_type?: GroupMemberType[];
  name?: string[];
  sort_by?: string[];
  space?: string[];
  sync_metadata?: SyncMetadataFilter;
  cursor?: string;
  limit?: number;
  mode?: ListMode
};
export type GroupsListResponse = { groups: Group[]; revisions?: number[]; next_cursor?: string; prev_cursor?: string };
export type GroupsUpdateRequestDynamicGroupInfo = { membership_expression: BooleanExpression };
export type InstantEvaluation = { at: string; definedness: Definedness; is_active?: boolean; next_transition?: string };
export type Issue = {
  id: string;
  display_id?: string;
  created_by?: UserSummary;
  created_date?: string;
  modified_by?: UserSummary;
  modified_date?: string;
  actual_close_date?: string;
  applies_to_part?: PartSummary;
  artifacts?: ArtifactSummary[];
  body?: string;
  custom_fields?: Record<string, unknown>;
  custom_schema_fragments?: string[];
  stock_schema_fragment?: string;
  subtype?: string;
  external_ref?: string;
  owned_by: UserSummary[];
  reported_by?: UserSummary[];
  stage?: Stage;
  state?: string;
  state_display_name?: string;
  sync_metadata?: SyncMetadata;
  tags?: TagWithValue[];
  target_close_date?: string;
  title: string;
  actual_start_date?: string;
  developed_with?: PartSummary[];
  priority?: IssuePriority;
  priority_v2?: EnumValue;
  sla_summary?: ArchetypeSlaSummary;
  sla_tracker?: SlaTrackerSummary;
  sprint?: VistaGroupItemSummary;
  target_start_date?: string
};
export type IssuePriority = "p0" | "p1" | "p2" | "p3";
export type IssueSelector = {
  custom_fields?: Record<string, unknown>;
  owners?: UserSummary[];
  parts?: PartSummary[];
  rev_orgs?: OrgSummary[];
  stage_name?: string[];
  subtype?: string[];
  tags?: TagSummary[]
};
export type JobHistoryItem = {
  employment_status?: EnumValue;
  end_date?: string;
  is_current?: boolean;
  location?: string;
  start_date?: string;
  title?: string
};
export type LegacyStageSummary = { name: string };
export type Link = {
  id: string;
  display_id?: string;
  created_by?: UserSummary;
  created_date?: string;
  modified_by?: UserSummary;
  modified_date?: string;
  link_type: LinkType;
  custom_link_type?: CustomLinkTypeSummary;
  source: LinkEndpointSummary;
  target: LinkEndpointSummary
};
export type LinkEndpointAccount = { type: "account"; id: string; display_id?: string; display_name?: string };
export type LinkEndpointBare = { type: LinkEndpointType; id: string; display_id?: string };
export type LinkEndpointCustomObject = { type: "custom_object"; id: string; display_id?: string; leaf_type: string; title?: string };
export type LinkEndpointSummary = WorkSummary | PartSummary | UserSummary | OrgSummary | LinkEndpointAccount | LinkEndpointCustomObject | LinkEndpointBare;
export type LinkEndpointType = "account" | "article" | "capability" | "code_change" | "conversation" | "custom_object" | "dev_user" | "enhancement" | "feature" | "incident" | "issue" | "linkable" | "meeting" | "opportunity" | "product" | "rev_org" | "rev_user" | "runnable" | "task" | "ticket" | "widget";
export type LinkResponse = { link: Link };
export type LinkSummary = { id: string; display_id?: string; link_type: LinkType; source: LinkEndpointSummary; target: LinkEndpointSummary };
export type LinkType = "custom_link" | "developed_with" | "imports" | "is_analyzed_by" | "is_converted_to" | "is_dependent_on" | "is_duplicate_of" | "is_follow_up_of" | "is_merged_into" | "is_parent_of" | "is_part_of" | "is_related_to" | "serves";
export type LinksCreateRequest = { link_type?: LinkType; custom_link_type?: string; source: string; target: string };
export type LinksDeleteRequest = { id: string };
export type LinksDirection = "is_source" | "is_target";
export type LinksListRequest = {
  object: string;
  direction?: LinksDirection;
  link_type?: LinkType[];
  types?: LinkType[];
  object_types?: LinkEndpointType[];
  custom_link_type?: string[];
  cursor?: string;
  limit?: number;
  mode?: ListMode
};
export type LinksListResponse = { links: Link[]; revisions?: number[]; next_cursor?: string; prev_cursor?: string };
export type LinksReplaceRequest = { id: string; link_type: LinkType; source: string; target: string };
export type ListMode = "after" | "before";
export type MetricDefinition = {
  type: MetricDefinitionMetricType;
  id: string;
  display_id?: string;
  created_by?: UserSummary;
  created_date?: string;
  modified_by?: UserSummary;
  modified_date?: string;
  name: string;
  description?: string;
  applies_to: SlaAppliesTo[];
  status: MetricDefinitionStatus
};
export type MetricDefinitionMetricType = "time" | "value";
export type MetricDefinitionStatus = "active" | "inactive";
export type MetricDefinitionSummary = { id: string; display_id?: string; name: string };
export type MetricDefinitionsListRequest = {
  type?: MetricDefinitionMetricType[];
  applies_to_type?: SlaAppliesTo[];
  include_custom_metrics?: boolean;
  status?: MetricDefinitionStatus[];
  sort_by?: string[];
  cursor?: string;
  limit?: number;
  mode?: ListMode
};
export type MetricDefinitionsListResponse = { metric_definitions: MetricDefinition[]; revisions?: number[]; next_cursor?: string; prev_cursor?: string };
export type Money = { amount: string; currency: string };
export type Notification = {
  id: string;
  display_id?: string;
  created_by?: UserSummary;
  created_date?: string;
  modified_by?: UserSummary;
  modified_date?: string;
  event_type: GenericNotificationEventType;
  events: NotificationEvent[];
  last_event_date: string;
  parent?: AtomSummary;
  receiver?: UserSummary;
  remind_at?: string;
  state: NotificationState;
  total_events: number
};
export type NotificationChannel = "email" | "inbox" | "none";
export type NotificationEvent = {
  event_type: GenericNotificationEventType;
  date: string;
  actor?: UserSummary;
  entry?: AtomBaseSummary;
  body?: string;
  fields?: string[];
  object?: AtomBaseSummary;
  priority?: NotificationPriority;
  title?: string;
  url?: string
};
export type NotificationPreferencesGroup = {
  alert: NotificationChannel;
  assignment: NotificationChannel;
  comment: NotificationChannel;
  email: boolean;
  mention: NotificationChannel;
  reminder: NotificationChannel;
  update: NotificationChannel
};
export type NotificationPriority = "high" | "low" | "medium";
export type NotificationState = "done" | "later" | "read" | "unread";
export type NotificationsCountRequest = { event_types?: GenericNotificationEventType[]; parents?: string[]; states?: NotificationState[] };
export type NotificationsCountResponse = { count: number };
export type NotificationsGetRequest = { id: string };
export type NotificationsGetResponse = { notification: Notification };
export type NotificationsListRequest = {
  event_types?: GenericNotificationEventType[];
  parents?: string[];
  states?: NotificationState[];
  cursor?: string;
  limit?: number;
  mode?: ListMode
};
export type NotificationsListResponse = { notifications: Notification[]; next_cursor?: string; prev_cursor?: string };
export type NotificationsUpdateRequest = { ids: string[]; state: NotificationState; remind_at?: string };
export type NotificationsUpdateResponse = { notifications: Notification[] };
export type Opportunity = {
  id: string;
  display_id?: string;
  created_by?: UserSummary;
  created_date?: string;
  modified_by?: UserSummary;
  modified_date?: string;
  actual_close_date?: string;
  applies_to_part?: PartSummary;
  artifacts?: ArtifactSummary[];
  body?: string;
  custom_fields?: Record<string, unknown>;
  custom_schema_fragments?: string[];
  stock_schema_fragment?: string;
  subtype?: string;
  external_ref?: string;
  owned_by: UserSummary[];
  reported_by?: UserSummary[];
  stage?: Stage;
  state?: string;
  state_display_name?: string;
  sync_metadata?: SyncMetadata;
  tags?: TagWithValue[];
  target_close_date?: string;
  title: string;
  account?: AccountSummary;
  amount?: number;
  annual_contract_value?: Money;
  contacts?: UserSummary[];
  customer_budget?: number;
  forecast_category?: OpportunityForecastCategory;
  forecast_category_v2?: EnumValue;
  priority?: IssuePriority;
  probability?: number;
  value?: Money
};
export type OpportunityForecastCategory = "omitted" | "pipeline" | "upside" | "strong_upside" | "commit" | "won";
export type OrgEnvironment = "production" | "staging" | "test";
export type OrgSchedule = {
  id: string;
  display_id?: string;
  created_by?: UserSummary;
  created_date?: string;
  modified_by?: UserSummary;
  modified_date?: string;
  default_weekly_org_schedule?: WeeklyOrgSchedule;
  min_valid_days: number;
  name: string;
  org_schedule_fragments: OrgScheduleFragmentOverview[];
  status: OrgScheduleStatus;
  timezone: string;
  valid_until?: string;
  version_number: number;
  weekly_org_schedules: WeeklyOrgSchedule[]
};
export type OrgScheduleFragment = {
  id: string;
  display_id?: string;
  created_by?: UserSummary;
  created_date?: string;
  modified_by?: UserSummary;
  modified_date?: string;
  from: string;
  to: string;
  name: string;
  intervals: OrgScheduleInterval[];
  region_codes: string[];
  status: OrgScheduleFragmentStatus
};
export type OrgScheduleFragmentOverview = { id: string; from: string; to: string };
export type OrgScheduleFragmentResponse = { org_schedule_fragment: OrgScheduleFragment };
export type OrgScheduleFragmentStatus = "archived" | "draft" | "published";
export type OrgScheduleFragmentsCreateRequest = { from: string; intervals: CreateOrgScheduleInterval[]; name: string; region_codes?: string[]; to: string };
export type OrgScheduleFragmentsGetRequest = { id: string };
export type OrgScheduleFragmentsTransitionRequest = { id: string; status: OrgScheduleFragmentStatus };
export type OrgScheduleInterval = { from: string; to?: string; name: string; is_excluded: boolean };
export type OrgScheduleResponse = { org_schedule: OrgSchedule };
export type OrgScheduleStatus = "archived" | "draft" | "published";
export type OrgScheduleSummary = {
  id: string;
  display_id?: string;
  name: string;
  status: OrgScheduleStatus;
  timezone: string;
  valid_until?: string;
  version_number: number
};
export type OrgSchedulesCreateRequest = {
  default_weekly_org_schedule?: SetWeeklyOrgSchedule;
  min_valid_days?: number;
  name: string;
  org_schedule_fragments?: SetOrgScheduleFragmentSummary[];
  timezone: string;
  weekly_org_schedules?: SetWeeklyOrgSchedule[]
};
export type OrgSchedulesEvaluateRequest = { id: string; instants: string[] };
export type OrgSchedulesEvaluateResponse = { instant_evaluations: InstantEvaluation[] };
export type OrgSchedulesGetRequest = { id: string; version_number?: number };
export type OrgSchedulesListRequest = {
  created_by_id?: string[];
  status?: OrgScheduleStatus[];
  valid_until?: {
    after?: string;
    before?: string;
    type?: "range" | "preset";
    preset_type?: "last_n_days" | "next_n_days";
    days?: number
  };
  cursor?: string;
  limit?: number;
  mode?: ListMode
};
export type OrgSchedulesListResponse = { org_schedules: OrgSchedule[]; revisions?: number[]; next_cursor?: string; prev_cursor?: string };
export type OrgSchedulesSetFutureRequest = { id: string; org_schedule_fragment_id: string };
export type OrgSchedulesTransitionRequest = { id: string; status: OrgScheduleStatus };
export type OrgSchedulesUpdateRequest = {
  default_weekly_org_schedule?: SetWeeklyOrgSchedule;
  id: string;
  min_valid_days?: number;
  name?: string;
  org_schedule_fragments?: SetOrgScheduleFragmentSummary[];
  timezone?: string;
  weekly_org_schedules?: SetWeeklyOrgSchedule[]
};
export type OrgSummary = { type: "rev_org"; id: string; display_id?: string; display_name?: string };
export type ParentPartFilter = { parts: string[]; level?: number };
export type Part = {
  type: PartType;
  id: string;
  display_id?: string;
  created_by?: UserSummary;
  created_date?: string;
  modified_by?: UserSummary;
  modified_date?: string;
  name: string;
  description?: string;
  owned_by: UserSummary[];
  tags?: TagWithValue[];
  artifacts?: ArtifactSummary[];
  stage_v2?: Stage;
  state_v2?: string;
  target_start_date?: string;
  target_close_date?: string;
  actual_start_date?: string;
  actual_close_date?: string;
  release_notes?: string;
  code_inferred_surface_area?: string[];
  code_repo_paths?: string;
  code_repo_url?: string
};
export type PartResponse = { part: Part };
export type PartSummary = {
  type: "capability" | "enhancement" | "feature" | "linkable" | "product" | "runnable";
  id: string;
  display_id?: string;
  name: string;
  owned_by: UserSummary[]
};
export type PartType = "capability" | "enhancement" | "feature" | "linkable" | "product" | "runnable";
export type PartsCreateRequest = {
  type: PartType;
  name: string;
  description?: string;
  owned_by?: string[];
  parent_part?: string[];
  tags?: SetTagWithValue[];
  artifacts?: string[];
  links?: EmbedLinksCreateRequest[];
  stage_validation_options?: StageValidationOptionForCreate[];
  target_start_date?: string;
  target_close_date?: string;
  stage_v2?: string;
  code_inferred_surface_area?: string[];
  code_repo_paths?: string;
  code_repo_url?: string;
  custom_fields?: Record<string, unknown>;
  custom_schema_spec?: CustomSchemaSpec;
  custom_schema_fragments?: string[]
};
export type PartsDeleteRequest = { id: string };
export type PartsFilterEnhancement = {
  accounts?: string[];
  opportunities?: string[];
  tickets?: string[];
  rev_score_tier?: EnhancementRevScoreTier[];
  stage_v2?: string[];
  state_v2?: string[];
  target_start_date?: {
    after?: string;
    before?: string
  };
  target_start_date_v2?: {
    after?: string;
    before?: string;
    type?: "range" | "preset";
    preset_type?: "last_n_days" | "next_n_days";
    days?: number
  };
  target_close_date?: {
    after?: string;
    before?: string
  };
  target_close_date_v2?: {
    after?: string;
    before?: string;
    type?: "range" | "preset";
    preset_type?: "last_n_days" | "next_n_days";
    days?: number
  };
  actual_start_date?: {
    after?: string;
    before?: string
  };
  actual_start_date_v2?: {
    after?: string;
    before?: string;
    type?: "range" | "preset";
    preset_type?: "last_n_days" | "next_n_days";
    days?: number
  };
  actual_close_date?: {
    after?: string;
    before?: string
  };
  actual_close_date_v2?: {
    after?: string;
    before?: string;
    type?: "range" | "preset";
    preset_type?: "last_n_days" | "next_n_days";
    days?: number
  }
};
export type PartsListRequest = {
  type?: PartType[];
  created_by?: string[];
  created_date_v2?: {
    after?: string;
    before?: string;
    type?: "range" | "preset";
    preset_type?: "last_n_days" | "next_n_days";
    days?: number
  };
  custom_fields?: Record<string, unknown>;
  enhancement?: PartsFilterEnhancement;
  modified_by?: string[];
  modified_date_v2?: {
    after?: string;
    before?: string;
    type?: "range" | "preset";
    preset_type?: "last_n_days" | "next_n_days";
    days?: number
  };
  name?: string[];
  owned_by?: string[];
  parent_part?: ParentPartFilter;
  sort_by?: string[];
  subtype?: string[];
  tags?: string[];
  cursor?: string;
  limit?: number;
  mode?: ListMode
};
export type PartsListResponse = { parts: Part[]; revisions?: number[]; next_cursor?: string; prev_cursor?: string };
export type PartsUpdateRequest = {
  id: string;
  type?: PartType;
  name?: string;
  description?: string;
  owned_by?: {
    set?: string[]
  };
  tags?: {
    set?: SetTagWithValue[]
  };
  artifacts?: {
    set?: string[]
  };
  stage_validation_options?: StageValidationOptionForUpdate[];
  release_notes?: string;
  target_start_date?: string | null;
  target_close_date?: string | null;
  stage_v2?: string;
  code_inferred_surface_area?: string[];
  code_repo_paths?: string;
  code_repo_url?: string;
  custom_fields?: Record<string, unknown>;
  custom_schema_spec?: CustomSchemaSpec;
  custom_schema_fragments?: string[]
};
export type PreferencesGetRequest = { type?: PreferencesType; language_code?: string; object?: string };
export type PreferencesResponse = { preference: UserPreferences; preferences: UserPreferences };
export type PreferencesType = "user_preferences";
export type PreferencesUpdateRequest = {
  type?: PreferencesType;
  general_preferences?: UpdateGeneralPreferencesGroup;
  language_code?: string;
  notification_preferences?: UpdateNotificationPreferencesGroup;
  object?: string;
  ui_preferences?: Record<string, unknown> | null
};
export type ReactionsUpdateRequest = { action: ReactionsUpdateRequestAction; emoji: string; object: string };
export type ReactionsUpdateRequestAction = "add" | "remove";
export type RemoveTagWithValue = { id: string };
export type RemovedSlaMetricHistory = { metric_definition: MetricDefinitionSummary; removed_at: string; removed_by: UserSummary };
export type RevOrg = {
  id: string;
  display_id?: string;
  created_by?: UserSummary;
  created_date?: string;
  modified_by?: UserSummary;
  modified_date?: string;
  display_name: string;
  account?: AccountSummary;
  description?: string;
  domain?: string;
  environment: OrgEnvironment;
  external_ref: string;
  tier?: string;
  tags?: TagWithValue[];
  artifacts?: ArtifactSummary[]
};
export type RevOrgResponse = { rev_org: RevOrg };
export type RevOrgSummary = { id: string; display_id?: string; display_name?: string };
export type RevOrgsCreateRequest = {
  account: string;
  display_name: string;
  description?: string;
  domain?: string;
  environment?: OrgEnvironment;
  external_ref?: string;
  tier?: string;
  tags?: SetTagWithValue[];
  artifacts?: string[];
  custom_fields?: Record<string, unknown>;
  custom_schema_spec?: CustomSchemaSpec;
  custom_schema_fragments?: string[]
};
export type RevOrgsListRequest = {
  account?: string[];
  created_by?: string[];
  created_date?: {
    after?: string;
    before?: string
  };
  modified_date?: {
    after?: string;
    before?: string
  };
  custom_field_filter?: string[];
  custom_fields?: Record<string, unknown>;
  display_name?: string[];
  external_ref?: string[];
  external_refs?: string[];
  domains?: string[];
  owned_by?: string[];
  tags?: string[];
  sort_by?: string[];
  cursor?: string;
  limit?: number;
  mode?: ListMode
};
export type RevOrgsListResponse = { rev_orgs: RevOrg[]; revisions?: number[]; next_cursor?: string; prev_cursor?: string };
export type RevUser = {
  id: string;
  display_id?: string;
  created_by?: UserSummary;
  created_date?: string;
  modified_by?: UserSummary;
  modified_date?: string;
  display_name: string;
  email?: string;
  description?: string;
  display_picture?: ArtifactSummary;
  external_ref: string;
  external_refs: string[];
  is_verified: boolean;
  phone_numbers?: string[];
  primary_identity?: UserSummary;
  rev_org?: OrgSummary;
  state: UserState;
  tags?: TagWithValue[];
  artifacts?: ArtifactSummary[]
};
export type RevUserResponse = { rev_user: RevUser };
export type RevUsersCreateRequest = {
  display_name?: string;
  description?: string;
  display_picture?: string;
  email?: string;
  external_ref?: string;
  external_refs?: string[];
  phone_numbers?: string[];
  rev_org?: string;
  account?: string;
  tags?: SetTagWithValue[];
  artifacts?: string[];
  custom_fields?: Record<string, unknown>;
  custom_schema_spec?: CustomSchemaSpec;
  custom_schema_fragments?: string[]
};
export type RevUsersListRequest = {
  sort_by?: string[];
  associations?: string[];
  created_by?: string[];
  created_date?: {
    after?: string;
    before?: string
  };
  modified_date?: {
    after?: string;
    before?: string
  };
  custom_fields?: Record<string, unknown>;
  email?: string[];
  external_ref?: string[];
  external_refs?: string[];
  is_verified?: boolean;
  phone_numbers?: string[];
  rev_org?: string[];
  tags?: string[];
  cursor?: string;
  limit?: number;
  mode?: ListMode
};
export type RevUsersListResponse = { rev_users: RevUser[]; revisions?: number[]; next_cursor?: string; prev_cursor?: string };
export type SchemaFieldDescriptor = {
  name: string;
  field_type: SchemaFieldDescriptorFieldType;
  base_type?: SchemaFieldDescriptorArrayTypeBaseType;
  description?: string;
  is_required?: boolean;
  is_immutable?: boolean;
  is_filterable?: boolean;
  is_pii?: boolean;
  origin?: string;
  default_value?: unknown;
  ui?: SchemaFieldUiMetadata;
  gt?: number;
  gte?: number;
  lt?: number;
  lte?: number;
  eq_len?: number;
  min_len?: number;
  max_len?: number;
  pattern?: string;
  prefix?: string;
  suffix?: string;
  contains?: string;
  allowed_values?: Array<string | SchemaFieldUenumValue>;
  is_overridable?: boolean;
  translated_values?: Record<string, unknown>;
  id_type?: string[];
  composite_type?: string;
  eq_items?: number;
  min_items?: number;
  max_items?: number;
  mfz?: Record<string, unknown>;
  oasis?: Record<string, unknown>
};
export type SchemaFieldDescriptorArrayTypeBaseType = "bool" | "composite" | "date" | "double" | "enum" | "id" | "int" | "json_value" | "rich_text" | "struct" | "text" | "timestamp" | "tokens" | "uenum";
export type SchemaFieldDescriptorFieldType = "array" | "bool" | "composite" | "date" | "double" | "enum" | "id" | "int" | "json_value" | "rich_text" | "struct" | "text" | "timestamp" | "tokens" | "uenum" | "unknown";
export type SchemaFieldListViewUiMetadata = { is_hidden?: boolean };
export type SchemaFieldUenumValue = { id: number; label: string; ordinal: number; is_deprecated?: boolean; tooltip?: string };
export type SchemaFieldUiMetadata = {
  client_overrides?: Array<Record<string, unknown>>;
  create_view?: SchemaFieldListViewUiMetadata;
  decimal_places?: number;
  detail_view?: SchemaFieldListViewUiMetadata;
  display_name?: string;
  filter_view?: SchemaFieldListViewUiMetadata;
  group_name?: string;
  is_active_in_detail_view?: boolean;
  is_bulk_action_enabled?: boolean;
  is_currency_field?: boolean;
  is_groupable?: boolean;
  is_hidden?: boolean;
  is_hidden_during_create?: boolean;
  is_read_only?: boolean;
  is_required?: boolean;
  is_shown_in_summary?: boolean;
  is_sortable?: boolean;
  list_view?: SchemaFieldListViewUiMetadata;
  order?: number;
  placeholder?: string;
  search_query?: string;
  summary_view?: SchemaFieldListViewUiMetadata;
  tooltip?: string;
  unit?: string;
  use_shorthand_notation?: boolean
};
export type SchemaFragmentsListResponse = { result: CustomSchemaFragment[]; revisions?: number[]; next_cursor?: string; prev_cursor?: string };
export type SearchCoreRequest = {
  query: string;
  namespaces?: SearchNamespace[];
  namespace?: SearchNamespace;
  sort_by?: SearchSortByParam;
  sort_order?: SearchSortOrderParam;
  cursor?: string;
  limit?: number;
  mode?: ListMode
};
export type SearchCoreResponse = { results: SearchResult[]; next_cursor?: string; prev_cursor?: string };
export type SearchNamespace = "account" | "article" | "capability" | "component" | "conversation" | "custom_object" | "custom_part" | "custom_work" | "dashboard" | "dataset" | "dev_user" | "directory" | "enhancement" | "feature" | "group" | "incident" | "issue" | "linkable" | "meeting" | "microservice" | "object_member" | "operation" | "opportunity" | "part" | "product" | "project" | "question_answer" | "rev_org" | "rev_user" | "runnable" | "service_account" | "sys_user" | "tag" | "task" | "ticket" | "vista" | "widget" | "work" | "workflow";
export type SearchResult = {
  type: "account";
  account: AccountSummary;
  snippet?: string;
  modified_date?: string;
  comments?: CommentSearchSummary[]
} | {
  type: "custom_object";
  custom_object: CustomObjectSummary;
  snippet?: string;
  modified_date?: string
} | {
  type: "group";
  group: GroupSummary;
  snippet?: string;
  modified_date?: string
} | {
  type: "org";
  org: OrgSummary;
  snippet?: string;
  modified_date?: string
} | {
  type: "part";
  part: PartSummary;
  snippet?: string;
  modified_date?: string;
  comments?: CommentSearchSummary[]
} | {
  type: "tag";
  tag: TagSummary;
  snippet?: string;
  modified_date?: string
} | {
  type: "user";
  user: UserSummary;
  snippet?: string;
  modified_date?: string;
  comments?: CommentSearchSummary[]
} | {
  type: "vista";
  vista: VistaSummary;
  snippet?: string;
  modified_date?: string
} | {
  type: "work";
  work: WorkSummary;
  snippet?: string;
  modified_date?: string;
  comments?: CommentSearchSummary[]
};
export type SearchSortByParam = "created_date" | "modified_date" | "relevance";
export type SearchSortOrderParam = "asc" | "desc";
export type ServiceAccount = {
  id: string;
  display_id?: string;
  created_by?: UserSummary;
  created_date?: string;
  modified_by?: UserSummary;
  modified_date?: string;
  display_name: string;
  state: UserState
};
export type ServiceAccountResponse = { service_account: ServiceAccount };
export type ServiceAccountsCreateRequest = { display_name: string; gen_keyring?: boolean };
export type SetIssueSelector = {
  custom_fields?: Record<string, unknown>;
  owners?: string[];
  parts?: string[];
  rev_orgs?: string[];
  stage_name?: string[];
  subtype?: string[];
  tags?: string[]
};
export type SetMoney = { amount: string; currency: string };
export type SetOrgScheduleFragmentSummary = { id: string };
export type SetSlaPolicy = { name: string; selector: SetSlaSelector; metrics?: SetSupportMetricTarget[] };
export type SetSlaSelector = {
  applies_to: SlaAppliesTo;
  custom_fields?: Record<string, unknown>;
  groups?: string[];
  issue_selector?: SetIssueSelector;
  owners?: string[];
  parts?: string[];
  priority?: SlaSelectorPriority[];
  severity?: TicketSeverity[];
  source_channel?: string[];
  subtype?: string[];
  tags?: string[];
  ticket_source_channel?: string[]
};
export type SetSupportMetricTarget = { metric: string; target: number; warning_target?: number; org_schedule_id?: string; performance?: number };
export type SetTagStyle = { color: string };
export type SetTagWithValue = { id: string; value?: string };
export type SetWebhookHeader = { name: string; value: string };
export type SetWeeklyOrgSchedule = { intervals: CreateWeeklyOrgScheduleInterval[]; period_name: string };
export type SharedWithMembershipFilter = { member?: string; role?: string };
export type Sla = {
  id: string;
  display_id?: string;
  created_by?: UserSummary;
  created_date?: string;
  modified_by?: UserSummary;
  modified_date?: string;
  name: string;
  description?: string;
  sla_type: SlaType;
  status: SlaStatus;
  applies_to: SlaAppliesTo[];
  account_filter?: Record<string, unknown>;
  evaluation_period?: SlaEvaluationPeriod;
  policies: SlaPolicy[]
};
export type SlaAppliesTo = "conversation" | "incident" | "issue" | "ticket";
export type SlaAssignError = { type: ErrorType; message: string; status: number };
export type SlaAssignResult = { rev_org: RevOrgSummary; error?: SlaAssignError };
export type SlaCountedInterval = { from: string; to: string; seconds: number };
export type SlaEvaluationPeriod = "monthly" | "quarterly" | "weekly" | "yearly";
export type SlaExplainedCause = { at: string; rule: string; revision: number };
export type SlaExplainedMetric = {
  metric_definition?: MetricDefinitionSummary;
  org_schedule?: OrgScheduleSummary;
  target_seconds?: number;
  warning_seconds?: number;
  elapsed_seconds: number;
  spans: SlaExplainedSpan[]
};
export type SlaExplainedSpan = { started_by: SlaExplainedCause; stopped_by?: SlaExplainedCause; intervals: SlaCountedInterval[] };
export type SlaPolicy = { name: string; selector: SlaSelector; metrics: SupportMetricTarget[] };
export type SlaResponse = { sla: Sla };
export type SlaSelector = {
  applies_to: SlaAppliesTo;
  custom_fields?: Record<string, unknown>;
  groups?: GroupSummary[];
  issue_selector?: IssueSelector;
  owners?: UserSummary[];
  parts?: PartSummary[];
  priority?: SlaSelectorPriority[];
  severity?: TicketSeverity[];
  source_channel?: string[];
  subtype?: string[];
  tags?: TagSummary[];
  ticket_source_channel?: string[]
};
export type SlaSelectorPriority = "p0" | "p1" | "p2";
export type SlaStatus = "archived" | "draft" | "published";
export type SlaSummary = { id: string; display_id?: string; name: string; sla_type: SlaType; status: SlaStatus };
export type SlaSummaryFilter = {
  stage?: SlaSummaryStage[];
  target_time?: {
    after?: string;
    before?: string;
    type?: "range" | "preset";
    preset_type?: "last_n_days" | "next_n_days";
    days?: number
  }
};
export type SlaSummaryStage = "breached" | "completed" | "paused" | "running" | "warning";
export type SlaTracker = {
  id: string;
  display_id?: string;
  created_by?: UserSummary;
  created_date?: string;
  modified_by?: UserSummary;
  modified_date?: string;
  applies_to_id: string;
  applies_to_type: SlaTrackerAppliesToType;
  metric_target_summaries: ArchetypeMetricTarget[];
  removed_sla_metric_history?: RemovedSlaMetricHistory[];
  sla?: SlaSummary;
  sla_policy_id?: string;
  stage?: SlaSummaryStage;
  status?: SlaTrackerStatus
};
export type SlaTrackerAppliesToType = "conversation" | "incident" | "issue" | "ticket";
export type SlaTrackerExplanation = { sla_tracker?: SlaTrackerSummary; at: string; policy?: string; metrics: SlaExplainedMetric[] };
export type SlaTrackerResponse = { sla_tracker: SlaTracker };
export type SlaTrackerStatus = "hit" | "in_progress" | "miss";
export type SlaTrackerSummary = { id: string; display_id?: string; applies_to_type: SlaTrackerAppliesToType };
export type SlaTrackersExplainRequest = { id: string };
export type SlaTrackersExplainResponse = { explanation: SlaTrackerExplanation };
export type SlaTrackersGetRequest = { id: string };
export type SlaTrackersListRequest = {
  created_date?: {
    after?: string;
    before?: string
  };
  modified_date?: {
    after?: string;
    before?: string
  };
  stage?: SlaSummaryStage[];
  status?: SlaTrackerStatus[];
  sort_by?: string[];
  cursor?: string;
  limit?: number;
  mode?: ListMode
};
export type SlaTrackersListResponse = { sla_trackers: SlaTracker[]; revisions?: number[]; next_cursor?: string; prev_cursor?: string };
export type SlaType = "external" | "internal";
export type SlasAssignRequest = { id?: string; rev_orgs: string[] };
export type SlasAssignResponse = { results: SlaAssignResult[] };
export type SlasCreateRequest = {
  name: string;
  description?: string;
  sla_type?: SlaType;
  applies_to?: SlaAppliesTo[];
  account_selector?: AccountsFilters;
  evaluation_period?: SlaEvaluationPeriod;
  policies?: SetSlaPolicy[];
  target_time?: unknown
};
export type SlasFilterAppliesToOperatorType = "all" | "any";
export type SlasListRequest = {
  applies_to?: SlaAppliesTo[];
  applies_to_op?: SlasFilterAppliesToOperatorType;
  sla_type?: SlaType[];
  status?: SlaStatus[];
  sort_by?: string[];
  cursor?: string;
  limit?: number;
  mode?: ListMode
};
export type SlasListResponse = { slas: Sla[]; revisions?: number[]; next_cursor?: string; prev_cursor?: string };
export type SlasTransitionRequest = { id: string; status: SlaStatus };
export type SlasUpdateRequest = {
  id: string;
  name?: string;
  description?: string;
  account_selector?: AccountsFilters;
  evaluation_period?: SlaEvaluationPeriod;
  policies?: SetSlaPolicy[]
};
export type SnapWidget = EmailPreviewWidget;
export type SnapWidgetNamespace = "ai_assistant_message" | "comment_suggestion_replies" | "email_preview" | "link_preview" | "meeting_preview" | "plug_nudge" | "side_thread";
export type SnapWidgetStatus = "draft" | "published";
export type Stage = { name: string; display_name: string; ordinal: number; stage: CustomStageSummary; state?: CustomStateSummary };
export type StageDiagram = {
  id: string;
  display_id?: string;
  created_by?: UserSummary;
  created_date?: string;
  modified_by?: UserSummary;
  modified_date?: string;
  name: string;
  leaf_type: string;
  is_custom_leaf_type: boolean;
  is_default: boolean;
  stages: StageNode[]
};
export type StageDiagramResponse = { stage_diagram: StageDiagram };
export type StageDiagramSummary = { id: string; display_id?: string; name: string };
export type StageDiagramsGetRequest = { id?: string; leaf_type?: string; is_custom_leaf_type?: boolean };
export type StageDiagramsUpdateRequest = { id: string; name?: string; stages?: CreateStageNode[] };
export type StageFilter = { name?: string[]; stages?: string[] };
export type StageInit = { id?: string; name?: string };
export type StageNode = { stage: CustomStageSummary; is_start: boolean; is_deprecated: boolean; transitions: StageTransition[] };
export type StageTransition = { target_stage: CustomStageSummary; ui?: StageUiMetadata };
export type StageUiMetadata = { is_hidden: boolean };
export type StageUpdate = { name?: string; stage?: string };
export type StageValidationOptionForCreate = "allow_non_start";
export type StageValidationOptionForUpdate = "allow_invalid_transition";
export type StagedInfoFilter = { is_staged?: boolean };
export type StockFieldOverride = { name: string; is_required?: boolean; ui?: SchemaFieldUiMetadata; uenum_values?: SchemaFieldUenumValue[] };
export type SubscribersGetRequest = { id: string };
export type SubscribersGetResponse = { is_subscribed: boolean };
export type SubscribersListRequest = { id: string; cursor?: string; limit?: number };
export type SubscribersListResponse = { users: UserSummary[]; next_cursor?: string };
export type SubscribersUpdateRequest = { id: string; subscribers?: SubscribersUpdateRequestSubscribers };
export type SubscribersUpdateRequestSubscribers = { add?: string[]; remove?: string[] };
export type Subtype = { display_name?: string; fragment_id: string; leaf_type: string; value: string };
export type SubtypesListRequest = { leaf_type?: string; leaf_types?: string[] };
export type SubtypesListResponse = { subtypes: Subtype[] };
export type SupportMetricTarget = {
  metric?: MetricDefinitionSummary;
  target: number;
  warning_target?: number;
  org_schedule?: OrgScheduleSummary;
  performance?: number
};
export type Sync = { status?: SyncInStatus; sync_date?: string };
export type SyncInStatus = "failed" | "modified" | "staged" | "succeeded";
export type SyncMetadata = {
  external_record_id?: string;
  external_record_type?: string;
  external_reference?: string;
  last_sync_in?: Sync;
  last_sync_out?: Sync;
  origin_system?: string
};
export type SyncMetadataFilter = {
  external_reference?: string[];
  origin_system?: string[];
  last_sync_in?: SyncMetadataFilterSyncInFilter;
  last_sync_out?: SyncMetadataFilterSyncInFilter
};
export type SyncMetadataFilterSyncInFilter = {
  status?: SyncInStatus[];
  sync_date?: {
    after?: string;
    before?: string;
    type?: "range" | "preset";
    preset_type?: "last_n_days" | "next_n_days";
    days?: number
  };
  sync_history?: string[];
  sync_unit?: string[]
};
export type SysUser = {
  id: string;
  display_id?: string;
  created_by?: UserSummary;
  created_date?: string;
  modified_by?: UserSummary;
  modified_date?: string;
  display_name: string;
  display_picture?: ArtifactSummary;
  full_name?: string;
  state: UserState
};
export type SysUsersListRequest = { sort_by?: string[]; cursor?: string; limit?: number; mode?: ListMode };
export type SysUsersListResponse = { sys_users: SysUser[]; revisions?: number[]; next_cursor?: string; prev_cursor?: string };
export type Tag = {
  id: string;
  display_id?: string;
  created_by?: UserSummary;
  created_date?: string;
  modified_by?: UserSummary;
  modified_date?: string;
  name: string;
  description?: string;
  allowed_values?: string[];
  style_new?: TagStyle
};
export type TagResponse = { tag: Tag };
export type TagStyle = { color: Color };
export type TagStyleSummary = { color: Color };
export type TagSummary = { id: string; display_id?: string; name: string; style_new?: TagStyleSummary };
export type TagWithValue = { tag: TagSummary; value?: string };
export type TagsCreateRequest = { name: string; description?: string; allowed_values?: string[]; style_new?: SetTagStyle };
export type TagsListRequest = { name?: string[]; sort_by?: string[]; cursor?: string; limit?: number; mode?: ListMode };
export type TagsListResponse = { tags: Tag[]; revisions?: number[]; next_cursor?: string; prev_cursor?: string };
export type Task = {
  id: string;
  display_id?: string;
  created_by?: UserSummary;
  created_date?: string;
  modified_by?: UserSummary;
  modified_date?: string;
  actual_close_date?: string;
  applies_to_part?: PartSummary;
  artifacts?: ArtifactSummary[];
  body?: string;
  custom_fields?: Record<string, unknown>;
  custom_schema_fragments?: string[];
  stock_schema_fragment?: string;
  subtype?: string;
  external_ref?: string;
  owned_by: UserSummary[];
  reported_by?: UserSummary[];
  stage?: Stage;
  state?: string;
  state_display_name?: string;
  sync_metadata?: SyncMetadata;
  tags?: TagWithValue[];
  target_close_date?: string;
  title: string;
  embedded?: boolean;
  priority?: IssuePriority;
  start_date?: string
};
export type TenantFragment = {
  id: string;
  display_id?: string;
  created_by?: UserSummary;
  created_date?: string;
  modified_by?: UserSummary;
  modified_date?: string;
  composite_schemas?: CompositeSchema[];
  conditions?: CustomSchemaFragmentCondition[];
  deprecated: boolean;
  description: string;
  fields?: SchemaFieldDescriptor[];
  fragment_type: "app" | "custom_type" | "tenant";
  is_custom_leaf_type: boolean;
  is_deprecated: boolean;
  leaf_type: string;
  new_fragment_ref?: CustomSchemaFragmentSummary;
  old_fragment_ref?: CustomSchemaFragmentSummary;
  id_prefix?: string;
  leaf_type_display_name?: string;
  stage_diagram?: StageDiagramSummary;
  stock_field_overrides?: StockFieldOverride[]
};
export type Ticket = {
  id: string;
  display_id?: string;
  created_by?: UserSummary;
  created_date?: string;
  modified_by?: UserSummary;
  modified_date?: string;
  actual_close_date?: string;
  applies_to_part?: PartSummary;
  artifacts?: ArtifactSummary[];
  body?: string;
  custom_fields?: Record<string, unknown>;
  custom_schema_fragments?: string[];
  stock_schema_fragment?: string;
  subtype?: string;
  external_ref?: string;
  owned_by: UserSummary[];
  reported_by?: UserSummary[];
  stage?: Stage;
  state?: string;
  state_display_name?: string;
  sync_metadata?: SyncMetadata;
  tags?: TagWithValue[];
  target_close_date?: string;
  title: string;
  account?: AccountSummary;
  channels?: TicketChannels[];
  channels_v2?: ChannelSummary[];
  group?: GroupSummary;
  is_archived?: boolean;
  is_frozen?: boolean;
  is_spam?: boolean;
  needs_response?: boolean;
  rev_org?: OrgSummary;
  sentiment?: EnumValue;
  sentiment_modified_date?: string;
  sentiment_summary?: string;
  severity?: TicketSeverity;
  severity_v2?: EnumValue;
  sla_summary?: ArchetypeSlaSummary;
  sla_tracker?: SlaTrackerSummary;
  source_channel?: string;
  source_channel_v2?: ChannelSummary;
  visibility?: EnumValue
};
export type TicketChannels = "email" | "plug" | "slack" | "twilio" | "twilio_sms" | "other";
export type TicketSeverity = "blocker" | "high" | "medium" | "low";
export type TimelineChangeEvent = {
  id: string;
  display_id?: string;
  created_by?: UserSummary;
  created_date?: string;
  modified_by?: UserSummary;
  modified_date?: string;
  external_ref?: string;
  labels?: string[];
  object: string;
  object_display_id: string;
  object_type: string;
  panels?: TimelineEntryPanel[];
  reactions?: TimelineReaction[];
  thread?: TimelineThread;
  visibility: TimelineEntryVisibility;
  event: TimelineChangeEventEvent
};
export type TimelineChangeEventCreated = { object?: AtomSummary };
export type TimelineChangeEventDeleted = { object_id: string; link: LinkSummary };
export type TimelineChangeEventEvent = {
  type: string;
  created: TimelineChangeEventCreated
} | {
  type: string;
  deleted: TimelineChangeEventDeleted
} | {
  type: string;
  linked: TimelineChangeEventLinked
} | {
  type: string;
  updated: TimelineChangeEventUpdated
};
export type TimelineChangeEventLinked = { link: LinkSummary };
export type TimelineChangeEventUpdated = { object_type: string; field_deltas: FieldDelta[] };
export type TimelineComment = {
  id: string;
  display_id?: string;
  created_by?: UserSummary;
  created_date?: string;
  modified_by?: UserSummary;
  modified_date?: string;
  external_ref?: string;
  labels?: string[];
  object: string;
  object_display_id: string;
  object_type: string;
  panels?: TimelineEntryPanel[];
  reactions?: TimelineReaction[];
  thread?: TimelineThread;
  visibility: TimelineEntryVisibility;
  artifacts?: ArtifactSummary[];
  body?: string;
  body_type: TimelineCommentBodyType;
  expires_at?: string;
  link_previews?: string[];
  references?: AtomSummary[];
  snap_kit_body?: TimelineSnapKitBody;
  snap_widget_body?: SnapWidget[]
};
export type TimelineCommentBodyType = "data" | "snap_kit" | "snap_widget" | "text";
export type TimelineEntriesCollection = "discussions" | "events";
export type TimelineEntriesCreateRequest = {
  type: TimelineEntriesCreateRequestType;
  object: string;
  collections?: TimelineEntriesCollection[];
  expires_at?: string;
  labels?: string[];
  private_to?: string[];
  visibility?: TimelineEntryVisibility;
  artifacts?: string[];
  body?: string;
  body_type?: TimelineCommentBodyType;
  external_ref?: string;
  link_previews?: string[];
  snap_kit_body?: TimelineSnapKitBody;
  snap_widget_body?: string[]
};
export type TimelineEntriesCreateRequestType = "timeline_comment";
export type TimelineEntriesDeleteRequest = { id: string };
export type TimelineEntriesGetRequest = { id: string; external_ref?: string };
export type TimelineEntriesListRequest = {
  object: string;
  collections?: TimelineEntriesCollection[];
  created_date?: {
    after?: string;
    before?: string
  };
  labels?: string[];
  panels?: TimelineEntryPanel[];
  visibility?: TimelineEntryVisibility[];
  cursor?: string;
  limit?: number;
  mode?: ListMode
};
export type TimelineEntriesListResponse = { timeline_entries: TimelineEntry[]; next_cursor?: string; prev_cursor?: string };
export type TimelineEntriesUpdateRequest = {
  id: string;
  type?: TimelineEntriesCreateRequestType;
  artifacts?: {
    add?: string[];
    remove?: string[];
    set?: string[]
  };
  body?: string;
  body_type?: TimelineCommentBodyType;
  external_ref?: string | null;
  link_previews?: {
    add?: string[];
    remove?: string[];
    set?: string[]
  };
  snap_kit_body?: TimelineSnapKitBody
};
export type TimelineEntry = TimelineChangeEvent | TimelineComment;
export type TimelineEntryPanel = "alerts" | "broadcasts" | "customer_chat" | "discussions" | "events";
export type TimelineEntryResponse = { timeline_entry: TimelineEntry };
export type TimelineEntryVisibility = "external" | "internal" | "private" | "public";
export type TimelineReaction = { emoji: string; reacted: boolean; total_users: number };
export type TimelineSnapKitBody = { body?: Record<string, unknown>; snap_in_action_name?: string; snap_in_id?: string };
export type TimelineThread = { total_replies: number };
export type UpdateAvailabilityPreferencesGroup = { manual_away?: boolean };
export type UpdateGeneralPreferencesGroup = { availability?: UpdateAvailabilityPreferencesGroup; preferred_locale?: string };
export type UpdateNotificationPreferencesGroup = {
  alert?: NotificationChannel;
  assignment?: NotificationChannel;
  comment?: NotificationChannel;
  email?: boolean;
  mention?: NotificationChannel;
  reminder?: NotificationChannel;
  update?: NotificationChannel
};
export type UserPreferences = {
  type: PreferencesType;
  id: string;
  display_id?: string;
  created_by?: UserSummary;
  created_date?: string;
  modified_by?: UserSummary;
  modified_date?: string;
  general_preferences: GeneralPreferencesGroup;
  notification_preferences: NotificationPreferencesGroup;
  ui_preferences?: Record<string, unknown>
};
export type UserSkill = { name: string };
export type UserState = "active" | "deactivated" | "deleted" | "locked" | "shadow" | "unassigned";
export type UserSummary = {
  type: UserType;
  id: string;
  display_id?: string;
  display_picture?: ArtifactSummary;
  display_name?: string;
  email?: string;
  external_ref?: string;
  full_name?: string;
  rev_org?: OrgSummary;
  state?: UserState
};
export type UserType = "dev_user" | "rev_user" | "service_account" | "sys_user";
export type Vista = {
  type: VistaType;
  id: string;
  display_id?: string;
  created_by?: UserSummary;
  created_date?: string;
  modified_by?: UserSummary;
  modified_date?: string;
  name: string;
  description?: string;
  is_default: boolean;
  filter_type?: DynamicVistaFilterType;
  filter?: Record<string, unknown>;
  flavor?: GroupedVistaFlavor;
  applies_to_part?: PartSummary[];
  items?: AtomBaseSummary[];
  groups?: VistaGroup[]
};
export type VistaGroup = {
  object_type: DynamicVistaFilterType;
  type: VistaGroupItemType;
  id: string;
  name: string;
  start_date?: string;
  end_date?: string;
  state: VistaGroupItemState;
  parent?: VistaSummary;
  applies_to_part?: PartSummary[]
};
export type VistaGroupItemGroupObjectType = "conversation" | "part" | "work";
export type VistaGroupItemState = "active" | "completed" | "planned";
export type VistaGroupItemSummary = {
  type: VistaGroupItemType;
  id: string;
  display_id?: string;
  name: string;
  start_date?: string;
  end_date?: string;
  state?: VistaGroupItemState
};
export type VistaGroupItemType = "curated" | "dynamic";
export type VistaGroupItemsListResponse = { vista_group: VistaGroup[]; revisions?: number[]; next_cursor?: string; prev_cursor?: string };
export type VistaGroupResponse = { vista_group: VistaGroup };
export type VistaResponse = { vista: Vista };
export type VistaSummary = { type: VistaType; id: string; display_id?: string; name: string; flavor?: GroupedVistaFlavor };
export type VistaType = "curated" | "dynamic" | "grouped";
export type VistasCreateRequest = {
  type?: VistaType;
  name: string;
  description?: string;
  filter_type?: DynamicVistaFilterType;
  filter?: Record<string, unknown>;
  items?: VistasCreateRequestItem[];
  flavor?: GroupedVistaFlavor;
  applies_to_part?: string[]
};
export type VistasCreateRequestItem = { id: string };
export type VistasDeleteRequest = { id: string };
export type VistasGetRequest = { id: string };
export type VistasGroupsCreateRequest = {
  parent_id: string;
  type?: VistaGroupItemType;
  name: string;
  start_date?: string;
  end_date?: string;
  state?: VistaGroupItemState;
  applies_to_part?: string[]
};
export type VistasGroupsGetRequest = { id: string };
export type VistasGroupsListRequest = {
  type?: VistaGroupItemType[];
  ancestor_part?: string[];
  applies_to_part?: AppliesToPartFilter;
  created_by?: string[];
  created_date?: {
    after?: string;
    before?: string;
    type?: "range" | "preset";
    preset_type?: "last_n_days" | "next_n_days";
    days?: number
  };
  end_date?: {
    after?: string;
    before?: string;
    type?: "range" | "preset";
    preset_type?: "last_n_days" | "next_n_days";
    days?: number
  };
  group_object_type?: VistaGroupItemGroupObjectType[];
  modified_date?: {
    after?: string;
    before?: string;
    type?: "range" | "preset";
    preset_type?: "last_n_days" | "next_n_days";
    days?: number
  };
  parent_id?: string[];
  start_date?: {
    after?: string;
    before?: string;
    type?: "range" | "preset";
    preset_type?: "last_n_days" | "next_n_days";
    days?: number
  };
  state?: VistaGroupItemState[];
  sort_by?: string[];
  cursor?: string;
  limit?: number;
  mode?: ListMode
};
export type VistasGroupsUpdateRequest = {
  id: string;
  name?: string;
  start_date?: string | null;
  end_date?: string | null;
  state?: VistaGroupItemState;
  applies_to_part?: {
    set?: string[]
  }
};
export type VistasListRequest = {
  type?: VistaType[];
  created_by?: string[];
  flavor?: GroupedVistaFlavor[];
  is_default?: boolean;
  members?: string[];
  object_type?: DynamicVistaFilterType[];
  shared_with?: SharedWithMembershipFilter[];
  skip_items?: boolean;
  state?: VistaGroupItemState[];
  sort_by?: string[];
  cursor?: string;
  limit?: number;
  mode?: ListMode
};
export type VistasListResponse = { vistas: Vista[]; revisions?: number[]; next_cursor?: string; prev_cursor?: string };
export type Webhook = {
  id: string;
  display_id?: string;
  created_by?: UserSummary;
  created_date?: string;
  modified_by?: UserSummary;
  modified_date?: string;
  event_types: WebhookEventType[];
  headers?: WebhookHeader[];
  old_secret_expires_date?: string;
  secret: string;
  status: WebhookStatus;
  url: string
};
export type WebhookDelivery = {
  id: string;
  webhook_id: string;
  type: WebhookEventType;
  object?: string;
  status: WebhookDeliveryStatus;
  created_date: string;
  next_attempt_date?: string;
  attempts: WebhookDeliveryAttempt[];
  payload?: Record<string, unknown>
};
export type WebhookDeliveryAttempt = {
  date: string;
  duration_ms: number;
  url: string;
  headers: WebhookDeliveryHeader[];
  response_status?: number;
  response_body?: string;
  error?: string
};
export type WebhookDeliveryHeader = { name: string; value?: string };
export type WebhookDeliveryStatus = "pending" | "delivered" | "failed";
export type WebhookEventType = "account_created" | "account_deleted" | "account_updated" | "ai_agent_response" | "article_created" | "article_deleted" | "article_updated" | "artifact_created" | "artifact_deleted" | "artifact_updated" | "conversation_created" | "conversation_deleted" | "conversation_updated" | "dashboard_created" | "dashboard_deleted" | "dashboard_updated" | "dev_user_created" | "dev_user_deleted" | "dev_user_updated" | "group_created" | "group_deleted" | "group_member_added" | "group_member_removed" | "group_updated" | "incident_created" | "incident_deleted" | "incident_updated" | "job_created" | "job_deleted" | "job_updated" | "link_created" | "link_deleted" | "link_updated" | "part_created" | "part_deleted" | "part_updated" | "question_answer_created" | "question_answer_deleted" | "question_answer_updated" | "rev_org_created" | "rev_org_deleted" | "rev_org_updated" | "rev_user_created" | "rev_user_deleted" | "rev_user_updated" | "sla_tracker_created" | "sla_tracker_deleted" | "sla_tracker_fetched" | "sla_tracker_updated" | "survey_created" | "survey_deleted" | "survey_response_created" | "survey_response_deleted" | "survey_response_updated" | "survey_updated" | "sync_history_created" | "sync_history_deleted" | "sync_history_updated" | "sync_unit_updated" | "tag_created" | "tag_deleted" | "tag_updated" | "timeline_entry_created" | "timeline_entry_deleted" | "timeline_entry_updated" | "verify" | "webhook_created" | "webhook_deleted" | "webhook_updated" | "widget_created" | "widget_deleted" | "widget_updated" | "work_created" | "work_deleted" | "work_fetched" | "work_updated";
export type WebhookHeader = { name: string; value: string };
export type WebhookResponse = { webhook: Webhook };
export type WebhookStatus = "active" | "inactive" | "unverified";
export type WebhooksCreateRequest = { url: string; event_types?: WebhookEventType[]; secret?: string; headers?: SetWebhookHeader[] };
export type WebhooksDeleteRequest = { id: string };
export type WebhooksDeliveriesGetRequest = { id: string };
export type WebhooksDeliveriesGetResponse = { delivery: WebhookDelivery };
export type WebhooksDeliveriesListRequest = {
  webhook: string;
  status?: WebhookDeliveryStatus[];
  event_types?: WebhookEventType[];
  from?: string;
  to?: string;
  cursor?: string;
  limit?: number
};
export type WebhooksDeliveriesListResponse = { deliveries: WebhookDelivery[]; next_cursor?: string };
export type WebhooksDeliveriesRedeliverRequest = { id?: string; webhook?: string; from?: string; to?: string; status?: WebhookDeliveryStatus[] };
export type WebhooksDeliveriesRedeliverResponse = { count: number };
export type WebhooksListRequest = { status?: WebhookStatus[]; limit?: unknown; cursor?: unknown };
export type WebhooksListResponse = { webhooks: Webhook[] };
export type WebhooksUpdateAction = "activate" | "deactivate";
export type WebhooksUpdateRequest = {
  id: string;
  action?: WebhooksUpdateAction;
  status?: WebhookStatus;
  event_types?: {
    add?: WebhookEventType[];
    remove?: WebhookEventType[];
    set?: WebhookEventType[]
  };
  headers?: {
    add?: SetWebhookHeader[];
    remove?: string[];
    set?: SetWebhookHeader[]
  };
  secret?: string;
  url?: string
};
export type WeeklyOrgSchedule = { intervals: WeeklyOrgScheduleInterval[]; period_name: string };
export type WeeklyOrgScheduleInterval = { from: number; to: number };
export type Work = Issue | Ticket | Task | Opportunity;
export type WorkResponse = { work: Work };
export type WorkSummary = {
  type: string;
  id: string;
  display_id?: string;
  title: string;
  owned_by: UserSummary[];
  stage?: LegacyStageSummary;
  state_display_name?: string;
  priority?: IssuePriority;
  priority_v2?: EnumValue;
  sprint?: VistaGroupItemSummary;
  severity?: TicketSeverity;
  account?: AccountSummary;
  rev_org?: OrgSummary
};
export type WorkType = "issue" | "opportunity" | "task" | "ticket";
export type WorksCountGroup = {
  count: number;
  account?: AccountSummary;
  actual_close_date?: string;
  applies_to_part?: PartSummary;
  created_date?: string;
  custom_fields?: Record<string, unknown>;
  owned_by?: UserSummary;
  priority?: IssuePriority;
  priority_v2?: EnumValue;
  severity?: TicketSeverity;
  sprint?: VistaGroupItemSummary;
  stage?: Stage;
  state?: string;
  state_display_name?: string;
  tags?: TagSummary;
  type?: string
};
export type WorksCountRequest = {
  group_by?: string[];
  type?: WorkType[];
  actual_close_date?: {
    after?: string;
    before?: string;
    type?: "range" | "preset";
    preset_type?: "last_n_days" | "next_n_days";
    days?: number
  };
  applies_to_part?: string[];
  created_by?: string[];
  created_date?: {
    after?: string;
    before?: string;
    type?: "range" | "preset";
    preset_type?: "last_n_days" | "next_n_days";
    days?: number
  };
  custom_fields?: Record<string, unknown>;
  external_ref?: string[];
  ids?: string[];
  issue?: WorksFilterIssue;
  modified_by?: string[];
  modified_date?: {
    after?: string;
    before?: string;
    type?: "range" | "preset";
    preset_type?: "last_n_days" | "next_n_days";
    days?: number
  };
  opportunity?: WorksFilterOpportunity;
  owned_by?: string[];
  reported_by?: string[];
  stage?: StageFilter;
  stage_name?: string[];
  staged_info?: StagedInfoFilter;
  state?: string[];
  sync_metadata?: SyncMetadataFilter;
  tags?: string[];
  target_close_date?: {
    after?: string;
    before?: string;
    type?: "range" | "preset";
    preset_type?: "last_n_days" | "next_n_days";
    days?: number
  };
  ticket?: WorksFilterTicket;
  vista?: string
};
export type WorksCountResponse = { count: number; has_more: boolean; groups?: WorksCountGroup[] };
export type WorksCreateRequest = ({
  type: "issue"
} & WorksCreateRequestIssue) | ({
  type: "opportunity"
} & WorksCreateRequestOpportunity) | ({
  type: "task"
} & WorksCreateRequestTask) | ({
  type: "ticket"
} & WorksCreateRequestTicket);
export type WorksCreateRequestIssue = {
  applies_to_part: string;
  owned_by: string[];
  developed_with?: string[];
  priority?: IssuePriority;
  priority_v2?: number;
  sprint?: string;
  target_start_date?: string;
  type: WorkType;
  title: string;
  body?: string;
  reported_by?: string[];
  artifacts?: string[];
  tags?: SetTagWithValue[];
  stage?: StageInit;
  stage_validation_options?: StageValidationOptionForCreate[];
  target_close_date?: string;
  external_ref?: string;
  custom_fields?: Record<string, unknown>;
  custom_schema_spec?: CustomSchemaSpec;
  custom_schema_fragments?: string[]
};
export type WorksCreateRequestOpportunity = {
  applies_to_part?: string;
  owned_by: string[];
  account: string;
  amount?: number;
  annual_contract_value?: SetMoney;
  contacts?: string[];
  customer_budget?: number;
  forecast_category?: OpportunityForecastCategory;
  forecast_category_v2?: number;
  priority?: IssuePriority;
  probability?: number;
  value?: SetMoney;
  type: WorkType;
  title: string;
  body?: string;
  reported_by?: string[];
  artifacts?: string[];
  tags?: SetTagWithValue[];
  stage?: StageInit;
  stage_validation_options?: StageValidationOptionForCreate[];
  target_close_date?: string;
  external_ref?: string;
  custom_fields?: Record<string, unknown>;
  custom_schema_spec?: CustomSchemaSpec;
  custom_schema_fragments?: string[]
};
export type WorksCreateRequestTask = {
  applies_to_part?: string;
  owned_by: string[];
  embedded?: boolean;
  priority?: IssuePriority;
  start_date?: string;
  type: WorkType;
  title: string;
  body?: string;
  reported_by?: string[];
  artifacts?: string[];
  tags?: SetTagWithValue[];
  stage?: StageInit;
  stage_validation_options?: StageValidationOptionForCreate[];
  target_close_date?: string;
  external_ref?: string;
  custom_fields?: Record<string, unknown>;
  custom_schema_spec?: CustomSchemaSpec;
  custom_schema_fragments?: string[]
};
export type WorksCreateRequestTicket = {
  applies_to_part?: string;
  owned_by?: string[];
  account?: string;
  channels?: TicketChannels[];
  channels_v2?: string[];
  group?: string;
  is_spam?: boolean;
  needs_response?: boolean;
  rev_org?: string;
  severity?: TicketSeverity;
  source_channel?: string;
  source_channel_v2?: string;
  visibility?: number;
  type: WorkType;
  title: string;
  body?: string;
  reported_by?: string[];
  artifacts?: string[];
  tags?: SetTagWithValue[];
  stage?: StageInit;
  stage_validation_options?: StageValidationOptionForCreate[];
  target_close_date?: string;
  external_ref?: string;
  custom_fields?: Record<string, unknown>;
  custom_schema_spec?: CustomSchemaSpec;
  custom_schema_fragments?: string[]
};
export type WorksDeleteRequest = { id: string };
export type WorksFilterIssue = {
  accounts?: string[];
  actual_start_date?: {
    after?: string;
    before?: string;
    type?: "range" | "preset";
    preset_type?: "last_n_days" | "next_n_days";
    days?: number
  };
  group?: string[];
  priority?: IssuePriority[];
  priority_v2?: number[];
  rev_orgs?: string[];
  sla_summary?: SlaSummaryFilter;
  sprint?: string[];
  sprint_state?: VistaGroupItemState[];
  subtype?: string[];
  target_start_date?: {
    after?: string;
    before?: string;
    type?: "range" | "preset";
    preset_type?: "last_n_days" | "next_n_days";
    days?: number
  }
};
export type WorksFilterOpportunity = { account?: string[]; contacts?: string[]; forecast_category_v2?: number[]; subtype?: string[] };
export type WorksFilterTicket = {
  account?: string[];
  brand?: string[];
  channels?: TicketChannels[];
  channels_v2?: string[];
  group?: string[];
  is_frozen?: boolean;
  is_spam?: boolean;
  needs_response?: boolean;
  rev_org?: string[];
  severity?: TicketSeverity[];
  sla_summary?: SlaSummaryFilter;
  source_channel?: string[];
  source_channel_v2?: string[];
  subtype?: string[];
  surveys?: Record<string, unknown>;
  visibility?: number[]
};
export type WorksGetRequest = { id: string; as_of?: string | number };
export type WorksListRequest = {
  as_of?: string;
  sort_by?: string[];
  type?: WorkType[];
  actual_close_date?: {
    after?: string;
    before?: string;
    type?: "range" | "preset";
    preset_type?: "last_n_days" | "next_n_days";
    days?: number
  };
  applies_to_part?: string[];
  created_by?: string[];
  created_date?: {
    after?: string;
    before?: string;
    type?: "range" | "preset";
    preset_type?: "last_n_days" | "next_n_days";
    days?: number
  };
  custom_fields?: Record<string, unknown>;
  external_ref?: string[];
  ids?: string[];
  issue?: WorksFilterIssue;
  modified_by?: string[];
  modified_date?: {
    after?: string;
    before?: string;
    type?: "range" | "preset";
    preset_type?: "last_n_days" | "next_n_days";
    days?: number
  };
  opportunity?: WorksFilterOpportunity;
  owned_by?: string[];
  reported_by?: string[];
  stage?: StageFilter;
  stage_name?: string[];
  staged_info?: StagedInfoFilter;
  state?: string[];
  sync_metadata?: SyncMetadataFilter;
  tags?: string[];
  target_close_date?: {
    after?: string;
    before?: string;
    type?: "range" | "preset";
    preset_type?: "last_n_days" | "next_n_days";
    days?: number
  };
  ticket?: WorksFilterTicket;
  vista?: string;
  cursor?: string;
  limit?: number;
  mode?: ListMode
};
export type WorksListResponse = { works: Work[]; revisions?: number[]; next_cursor?: string; prev_cursor?: string };
export type WorksUpdateRequest = ({
  type: "issue"
} & WorksUpdateRequestIssue) | ({
  type: "opportunity"
} & WorksUpdateRequestOpportunity) | ({
  type: "task"
} & WorksUpdateRequestTask) | ({
  type: "ticket"
} & WorksUpdateRequestTicket);
export type WorksUpdateRequestIssue = {
  developed_with?: {
    set?: string[]
  };
  priority?: IssuePriority;
  priority_v2?: number;
  sprint?: string | null;
  target_start_date?: string | null;
  id: string;
  type?: WorkType;
  applies_to_part?: string;
  artifacts?: {
    add?: string[];
    remove?: string[];
    set?: string[]
  };
  body?: string;
  modified_by?: unknown;
  owned_by?: {
    set?: string[]
  };
  reported_by?: {
    set?: string[]
  };
  stage?: StageUpdate;
  stage_validation_options?: StageValidationOptionForUpdate[];
  staged_info?: WorksUpdateRequestStagedInfoUpdate;
  tags?: {
    add?: SetTagWithValue[];
    remove?: RemoveTagWithValue[];
    set?: SetTagWithValue[]
  };
  target_close_date?: string | null;
  title?: string;
  custom_fields?: Record<string, unknown>;
  custom_schema_spec?: CustomSchemaSpec;
  custom_schema_fragments?: string[]
};
export type WorksUpdateRequestOpportunity = {
  account?: string;
  amount?: number | null;
  annual_contract_value?: SetMoney;
  contacts?: {
    set?: string[]
  };
  customer_budget?: number | null;
  forecast_category?: OpportunityForecastCategory;
  forecast_category_v2?: number;
  priority?: IssuePriority;
  probability?: number | null;
  value?: SetMoney;
  id: string;
  type?: WorkType;
  applies_to_part?: string;
  artifacts?: {
    add?: string[];
    remove?: string[];
    set?: string[]
  };
  body?: string;
  modified_by?: unknown;
  owned_by?: {
    set?: string[]
  };
  reported_by?: {
    set?: string[]
  };
  stage?: StageUpdate;
  stage_validation_options?: StageValidationOptionForUpdate[];
  staged_info?: WorksUpdateRequestStagedInfoUpdate;
  tags?: {
    add?: SetTagWithValue[];
    remove?: RemoveTagWithValue[];
    set?: SetTagWithValue[]
  };
  target_close_date?: string | null;
  title?: string;
  custom_fields?: Record<string, unknown>;
  custom_schema_spec?: CustomSchemaSpec;
  custom_schema_fragments?: string[]
};
export type WorksUpdateRequestStagedInfoUpdate = {
  unresolved_fields?: string[];
  sync_in_unresolved_fields?: WorksUpdateRequestStagedInfoUpdateUnresolvedField[];
  sync_out_unresolved_fields?: WorksUpdateRequestStagedInfoUpdateUnresolvedField[]
};
export type WorksUpdateRequestStagedInfoUpdateUnresolvedField = { devrev_field_name?: string; external_display_name?: string; external_field_name?: string };
export type WorksUpdateRequestTask = {
  embedded?: boolean;
  priority?: IssuePriority;
  start_date?: string;
  id: string;
  type?: WorkType;
  applies_to_part?: string;
  artifacts?: {
    add?: string[];
    remove?: string[];
    set?: string[]
  };
  body?: string;
  modified_by?: unknown;
  owned_by?: {
    set?: string[]
  };
  reported_by?: {
    set?: string[]
  };
  stage?: StageUpdate;
  stage_validation_options?: StageValidationOptionForUpdate[];
  staged_info?: WorksUpdateRequestStagedInfoUpdate;
  tags?: {
    add?: SetTagWithValue[];
    remove?: RemoveTagWithValue[];
    set?: SetTagWithValue[]
  };
  target_close_date?: string | null;
  title?: string;
  custom_fields?: Record<string, unknown>;
  custom_schema_spec?: CustomSchemaSpec;
  custom_schema_fragments?: string[]
};
export type WorksUpdateRequestTicket = {
  account?: string | null;
  channels?: {
    set?: TicketChannels[]
  };
  channels_v2?: string[];
  group?: string | null;
  is_archived?: boolean;
  is_frozen?: boolean;
  is_spam?: boolean;
  needs_response?: boolean;
  rev_org?: string | null;
  sentiment?: number;
  sentiment_modified_date?: string;
  sentiment_summary?: string;
  severity?: TicketSeverity;
  source_channel_v2?: string | null;
  visibility?: number;
  id: string;
  type?: WorkType;
  applies_to_part?: string;
  artifacts?: {
    add?: string[];
    remove?: string[];
    set?: string[]
  };
  body?: string;
  modified_by?: unknown;
  owned_by?: {
    set?: string[]
  };
  reported_by?: {
    set?: string[]
  };
  stage?: StageUpdate;
  stage_validation_options?: StageValidationOptionForUpdate[];
  staged_info?: WorksUpdateRequestStagedInfoUpdate;
  tags?: {
    add?: SetTagWithValue[];
    remove?: RemoveTagWithValue[];
    set?: SetTagWithValue[]
  };
  target_close_date?: string | null;
  title?: string;
  custom_fields?: Record<string, unknown>;
  custom_schema_spec?: CustomSchemaSpec;
  custom_schema_fragments?: string[]
};
