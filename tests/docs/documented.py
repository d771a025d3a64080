"""What the vendors document of the operations that the faces are for: names of fields, values, codes and operations."""

from __future__ import annotations

DOCUMENTED: dict[str, str] = {
    "capillary": """
        1101 11030 2025 3045 30th 8015 8917 8920 8921 8923 8925 9002 9003 9004 9005 9006 9008 9009 9026 9028
        9029 9043 9044 9048 9056 9057 999999 ACTIVE ALL AND ANY APPROVE AS_PER_TIER_STRATEGY BOTH
        CALENDAR_BASED_CYCLIC_WINDOW CAP-API-ACCESS-TOKEN CUMULATIVE_POINTS CUMULATIVE_PURCHASES
        CURRENT_POINTS CURRENT_TIER_EXPIRY_DATE CUSTOM CUSTOMER CYCLIC_WINDOW DELETED DESCRIPTION_TOO_LONG
        DOWNGRADE DRAFT DYNAMIC EAGER ECOMMERCE END_DATE_FORBIDDEN_ON_WRITE EXTEND_CURRENT_TIER_EXPIRY_DATE
        FACEBOOK FIXED_CUSTOMER_REGISTRATION FIXED_DURATION FLEET INSTORE INVALID_COLOR_CODE INVALID_KPI_TYPE
        INVALID_UPGRADE_TYPE LAZY LEGACY_SQL_ONLY LINE LIVE MARTJACK MOBILE_APP MONGO_ONLY MOVING_WINDOW
        NAME_BLANK_ON_UPDATE NAME_TOO_LONG NOT_FOUND NUM_MONTHS PENDING_APPROVAL POINTS PROGRAM_ID_REQUIRED
        PROGRAM_KPI_TYPE_MISMATCH PUBLISH_FAILED PURCHASE REJECT REJECTED RENEWAL SLAB_UPGRADE
        SLAB_UPGRADE_CYCLIC SNAPSHOT SPECIFIC_DATE STRATEGY TAOBAO THRESHOLD_MUST_BE_POSITIVE
        THRESHOLD_NOT_MONOTONIC TIER TIER_CHANGE_WINDOW TIER_NAME_TAKEN TIER_NOT_DELETABLE_NON_DRAFT
        TIER_NOT_EDITABLE_IN_STATUS TMALL TRACKER TRACKER_ID_REQUIRED TRACKER_VALUE_BASED UPGRADE
        UPGRADE_VALUE_OUT_OF_RANGE USERGROUP2 VISITS WEBSITE WEB_ENGAGE WECHAT
        X-CAP-API-ATTRIBUTION-ENTITY-TYPE X-CAP-API-OAUTH-TOKEN accessToken apiRequestId approvalStatus color
        comment comments communicationModeConfig conditions countRefreshedAt createdAt createdBy criteriaType
        currentTierName currentTierNumber currentTierSerialNumber customerCount customerId customerIdentifiers
        downgrade downgradedTierNumber eligibility endDate engineConfig entityId entityInformation entityType
        errors eventId eventName expressionRelation externalId fetchDataForAllPrograms gapToRenew gapToUpgrade
        identifierName identifierValue isDefault kpiType loyaltyEventId loyaltyProgramDetails loyaltyProgramId
        manualSlabActionValidity manualSlabActionValidityUpto manualSlabAdjustment membershipRetentionCriteria
        meta mobile nextTierName nextTierSerialNumber notes objectId orgId parentId periodType periodValue
        pointsToCurrencyRatio previousSlabName previousSlabNumber previousTierNumber programId programTiers
        reassessTierOnNextActivity refId reminders renewType renewal scheduledDowngradeDate serialNumber
        sideEffects slabAction slabChangeReason slabExpiryDate slabId slab_history startDate threshold
        tierDetails tierDowngradeReminder tierDowngraded tierExpiryDate tierExpiryDateISO tierId tierName
        tierNumber tierRenewed tierStartDate tierUniqueId tierUpgradeCriteria tierUpgraded toSlabName
        trackerCondition trackerId trackerName triggeringActivity ttlSeconds unit updateTierAdvancedSettings
        updatedAt updatedBy upgrade upgradeType upgradedSlabName upgradedSlabNumber upgradedTierNumber userId
        validity version warnings
    """,
    "wix": """
        100 ALREADY_EXISTS AdjustPoints BASIC_TIERS_LIMIT_REACHED BulkAdjustPoints BulkCreateTiers
        CountAccounts CreateAccount CreateTier CreateTiersProgramSettings DECIMAL_GT DECIMAL_GTE DECIMAL_LT
        DECIMAL_LTE DECIMAL_MAX_SCALE DeleteTier EarnPoints FIELD_NOT_ALLOWED GUID GetAccount
        GetAccountBySecondaryId GetCurrentMemberAccount GetLoyaltyProgram GetProgramTotals GetTier GetTiersProgram
        GetTiersProgramSettings INVALID_ARGUMENT INVALID_ENUM_VALUE INVALID_REVISION ListAccounts ListTiers
        MAX_LENGTH MAX_SIZE MIN_LENGTH MIN_SIZE NOT_FOUND ONE_OF_ALIGNMENT OUT_OF_RANGE PERMISSION_DENIED
        QueryLoyaltyAccounts REQUIRED_FIELD REQUIRED_ONE_OF_FIELD RESOURCE_EXHAUSTED REVISION_MISMATCH
        SearchAccounts UpdateTier UpdateTiersProgramSettings account_created account_points_updated
        account_reward_availability_updated account_updated activityType adjust-points adjusted altText amount
        appId balance baseTierDefinition bulk bulk-adjust bulkActionMetadata contact contactId createdDate
        cursor cursorPaging cursors durationInMonths earn-points earned expired fetch-by filename focalPoint
        followedSocialMedia hasNext height idempotencyKey itemMetadata lastActivityDate latestTransaction
        limit my-account names numberOfAccounts orderId originalIndex pagingMetadata pointsExpiration prev
        program-settings program-totals programSettings program_updated redeemed requiredPoints results
        revision rewardAvailable rollingWindow success tierDefinition tierId tierTotals tier_created
        tier_deleted tier_updated totalFailures totalSuccesses undetailedFailures updatedDate
        urlExpirationDate vipPlan width
    """,
    "voucherify": """
        401 413 ACTIVE ADMIN_CREDIT ADMIN_DEBIT ADMIN_POINTS_EXPIRATION ANY_OF ANY_TIME CALENDAR_EXPIRATION
        CLIENT_API DAY END_OF_HALF_YEAR END_OF_MONTH END_OF_PARTICULAR_MONTH END_OF_QUARTER END_OF_YEAR
        EVENT_BASED FIXED_DATES FIXED_DURATION INDIVIDUAL INHERIT INTERNAL MEMBER MONTH MULTI_LEVEL
        NEXT_TRACKING_PERIOD NO_CHANGE NO_DOWNGRADE NO_EXPIRATION NO_LIMIT NO_PAYMENTS NO_REQUIREMENTS
        NO_RETENTION OWNER PENDING_POINTS_ACTIVATED PENDING_POINTS_ADDED PENDING_POINTS_CANCELED PERIOD_BASED
        POINTS_AND_SEGMENT POINTS_EARNED POINTS_EXPIRED POINTS_PURCHASED POINTS_PURCHASE_REVERSED
        POINTS_REFUNDED POINTS_RETURNED POINTS_SPENT_ON_ORDER POINTS_SPENT_ON_REWARD POINT_BALANCE
        POINT_EARNED ROLLING_EXPIRATION SINGLE_LEVEL SLIDING_EXPIRATION SUPERSEDED_BY_LATER_TRANSACTION
        TIER_DOWNGRADE TIER_LEFT TRANSACTION_CREATED USER_PORTAL YEAR activate activated added allow_negative
        api_key app_id assigned async_action_id balance balance_settings
        bucket_not_eligible_for_manual_expiration calendar_dates calendar_expiration canceled card_definition
        card_definition_assignments_limit_exceeded card_definition_id card_definitions card_id card_operations
        card_transaction_ids card_type cards channel client_app_id code_config connected_draft_tier_structure
        connected_non_active_tier_structure connected_non_draft_program created_at current
        cursor_and_query_mismatch custom_activity custom_activity_types customer_id customer_identification
        customer_source_id daily_task_operations deactivate downgrade downgrades duplicate_found earned
        earning-rules earning_activity earning_limits earning_rule_assignments_limit_exceeded earning_rules
        end_date events expiration expired expires_at expiring-points fixed_duration grace_period group_id
        insufficient_card_balance invalid_or_expired_cursor invalid_payload invalid_points_bucket_status
        invalid_query_params invalid_state_transition joins lefts lifetime_bucket locked loyalties max
        max_value member_already_exists member_card member_card_created member_card_deleted member_id
        member_role member_tier_progress membership metadata min_value missing_active_card_definition
        missing_active_earning_rule missing_card_definition_assignment missing_tier_structure_assignment
        next_activation next_expiration non_active_member non_active_program non_active_tier_structure
        non_draft_program not_found pay_with_points pending-points pending_points point_balance point_earned
        points_expiration points_expiration_not_enabled programId program_id program_outside_validity_window
        program_tier_structure prolongs purchased purchased_reversed qualification_rules refunded rejection
        related_object_ids related_object_total related_object_type request_id resource_id resource_in_use
        resource_locked resource_type returned reward_assignments_limit_exceeded rewards rolling_expiration
        round_up rounding segment sliding_expiration spending_activity spending_limits spent start_at
        start_date subtracted the tier-structures tier_from tier_id tier_progress tier_rules tier_structure
        tier_structure_assignments_limit_exceeded tier_structure_id tier_structures tier_to tier_transaction
        tiers_per_tier_structure_limit_exceeded total transaction transactions unassigned unit unlocked
        updated_at upgrades valid_until validity_hours zero_card_balance
    """,
    "fanfare": """
        loyaltyBalance loyaltyLifetimePoints ltv totalOrders aov activityScore purchaseFrequencyScore
        monetaryScore DYNAMIC STATIC_LIST SYNCED_LIST SEGMENTED_VALUE RFM EQUALS NOT_EQUALS GREATER_THAN
        GREATER_THAN_OR_EQUAL LESS_THAN LESS_THAN_OR_EQUAL BETWEEN CONTAINS NOT_CONTAINS IN NOT_IN EXISTS
        NOT_EXISTS PENDING PROCESSING COMPLETED FAILED SUCCESS ACTIVE INACTIVE id organizationId createdAt
        createdBy updatedAt updatedBy archived name type description iconName groupId groupName groupType
        metadata refreshIntervalSeconds lastRefreshedAt primarySyncSourceId primaryExternalId
        primarySourceVendor primaryLastSyncedAt primarySyncSource rules imports audienceId field operator values
        position status progress processedConsumers errorCount s3Key totalConsumers errors row issues uploadUrl
        syncSource syncSourceId syncStatus lastSyncedAt sourceData startCursor endCursor pageInfo data include
        count source version stale inProgress pendingShards imported skipped listId listIds reason
        existingAudienceId consumerIds addedCount tierGroup audiences attribute tiers startValue endValue order
        tierAttribute tierOrder tierBoundaries email phone fullName emailVerified phoneVerified smsOptOut
        externalId totalOrderValue loyaltyLastActivityAt totalReturns totalMessages totalEngagements
        engagedCount activityRank purchaseFrequencyRank monetaryRank activityScoreUpdatedAt
        purchaseFrequencyScoreUpdatedAt monetaryScoreUpdatedAt lastOrderAt lastReturnAt lastEngagedAt
        lastLoginAt lastGeoCountry lastGeoRegion lastGeoCity lastGeoPostalCode lastGeoTimezone lastGeoSource
        lastGeoAt lastGeoCoordinates latitude longitude verificationCode verificationCodeExpiresAt first after
        last before search sortBy sortDir createdAfter createdBefore q transactions txnType pointsDelta
        occurredAt sourceType sourceDescription bucketExpiresOn nextCursor expiringBuckets earnedOn expiresOn
        pointsRemaining earn redeem expire adjust migration reversal buckets range value x percentage minValue
        maxValue stats min max mean median stdDev totalCount cachedAt consumerId activities QUEUE DRAW AUCTION
        WAITLIST MESSAGE APPOINTMENT isMember matchedRules url events secret enabled endpointId eventType
        startTime endTime eventTypes timestamp consumer created changedFields queue entered admitted completed
        left denied draw won lost auction bid placed outbid settled cancelled distribution updated opened closed
        webhook delivery failed batch groups members import klaviyo mailchimp sendgrid sync loyalty-tiers
        loyalty-transactions timeline webhooks test replay validation_error
    """,
}
