//! Hide rules.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// `GET /hide-rules`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct HideRules {
    /// By stack and service.
    pub rules: Vec<HideRule>,
}

/// Groups of a service's lines whose first line the query finds are not shown, unless asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct HideRule {
    /// `null` for one of a container's label: it goes when the label does.
    #[schema(required)]
    pub id: Option<i64>,
    #[schema(required)]
    pub stack: Option<String>,
    /// A container's own name where it is of no service.
    pub service: String,
    #[schema(example = "\"GET /healthz\"")]
    pub query: String,
    #[serde(rename = "for")]
    #[schema(inline)]
    pub whose: HideRuleFor,
    /// Who made it; `null` for a label.
    #[schema(required)]
    pub who: Option<String>,
    #[schema(required, format = DateTime)]
    pub created: Option<String>,
    /// Whether the asker may remove it.
    pub removable: bool,
}

/// Whose views a rule is for; `label`: everyone's, by the containers' label `miniman.hide`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum HideRuleFor {
    Me,
    Everyone,
    Label,
}

/// `POST /hide-rules`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HideRuleBody {
    /// The stack; `null` or left out for a container of none.
    #[serde(default)]
    pub stack: Option<String>,
    /// A service, or a container's own name where it is of none.
    pub service: String,
    /// In the query language; at most 1,024 bytes.
    #[schema(example = "\"GET /healthz\" level:info")]
    pub query: String,
    /// For everyone's views; admins. Otherwise for the asker's.
    #[serde(default)]
    pub everyone: bool,
}
