//! What is asked of the provider, and what of its answers is believed.

use std::collections::HashMap;
use std::time::Duration;

use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreErrorResponseType, CoreGenderClaim,
    CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreProviderMetadata,
    CoreRevocableToken, CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AdditionalClaims, AuthorizationCode, Client, ClientId, ClientSecret, CsrfToken, EmptyExtraTokenFields,
    EndpointMaybeSet, EndpointNotSet, EndpointSet, IdTokenFields, IssuerUrl, Nonce, OAuth2TokenResponse as _,
    PkceCodeChallenge, RedirectUrl, Scope, StandardErrorResponse, StandardTokenResponse, TokenResponse as _,
    UserInfoClaims,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::OidcError;
use super::http_client::HttpClient;
use super::pending::{Departed, LIFETIME};
use crate::accounts::{GroupRoles, Vouched};
use crate::config::OidcConfig;

/// How long metadata and keys are believed without being asked for again: a key that was rotated is known a minute later.
const METADATA_FRESH: Duration = Duration::from_secs(60);

/// Groups of one user that are looked at.
const GROUPS_MAX: usize = 1_000;

/// All that a token says besides the standard claims; the groups' claim has a name that is configured.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Claims {
    #[serde(flatten)]
    all: HashMap<String, Value>,
}

impl AdditionalClaims for Claims {}

type Fields = IdTokenFields<
    Claims,
    EmptyExtraTokenFields,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;

/// A client of a provider whose metadata was read.
type OidcClient = Client<
    Claims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    StandardTokenResponse<Fields, CoreTokenType>,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// The configured provider.
pub(super) struct Provider {
    config: OidcConfig,
    http: HttpClient,
    known: Mutex<Option<(Instant, CoreProviderMetadata)>>,
}

impl Provider {
    pub(super) fn new(config: OidcConfig) -> Self {
        Self { config, http: HttpClient::new(), known: Mutex::default() }
    }

    /// The provider's address for one login, and what has to fit when it comes back.
    pub(super) async fn depart(
        &self,
        redirect_uri: String,
        next: String,
        again: bool,
    ) -> Result<(String, Departed), OidcError> {
        let client = self.client(redirect_uri.clone()).await?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let flow = CoreAuthenticationFlow::AuthorizationCode;
        let mut request = client.authorize_url(flow, CsrfToken::new_random, Nonce::new_random);
        for scope in &self.config.scopes {
            request = request.add_scope(Scope::new(scope.clone()));
        }
        if again {
            // The age makes the provider say when the login was.
            request = request.add_prompt(CoreAuthPrompt::Login).set_max_age(Duration::ZERO);
        }
        let (url, state, nonce) = request.set_pkce_challenge(challenge).url();
        Ok((url.into(), Departed { state, nonce, verifier, redirect_uri, next, again }))
    }

    /// Whom the provider vouches for.
    pub(super) async fn arrive(
        &self,
        departed: Departed,
        code: String,
        roles: &GroupRoles,
    ) -> Result<Vouched, OidcError> {
        let client = self.client(departed.redirect_uri).await?;
        let answer = client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(OidcError::unreachable)?
            .set_pkce_verifier(departed.verifier)
            .request_async(&self.http)
            .await
            .map_err(OidcError::unreachable)?;
        let token = answer.id_token().ok_or_else(|| OidcError::Refused("no ID token".to_owned()))?;
        // Issuer, audience, expiry, signature by the provider's own keys, and the nonce of this very login.
        let claims =
            token.claims(&client.id_token_verifier(), &departed.nonce).map_err(OidcError::unsound)?;
        // Both by the provider's clock. One that does not say when, or let in whoever was in already, has not asked.
        let since = claims.auth_time().map(|login| claims.issue_time() - login);
        if departed.again && since.and_then(|since| since.to_std().ok()).is_none_or(|since| since > LIFETIME)
        {
            return Err(OidcError::NotAgain);
        }
        let subject = claims.subject().clone();
        let mut groups = self.groups(&claims.additional_claims().all);
        let mut name = claims.preferred_username().map(|name| name.to_string());
        // Many providers put into the token what identifies, and tell the rest when asked.
        if (groups.is_empty() || name.is_none())
            && let Ok(request) = client.user_info(answer.access_token().clone(), Some(subject.clone()))
        {
            let told: UserInfoClaims<Claims, CoreGenderClaim> =
                request.request_async(&self.http).await.map_err(OidcError::unsound)?;
            if groups.is_empty() {
                groups = self.groups(&told.additional_claims().all);
            }
            name = name.or_else(|| told.preferred_username().map(|name| name.to_string()));
        }
        let role = roles.role(&groups).ok_or(OidcError::NoRole)?;
        Ok(Vouched {
            kind: "oidc",
            issuer: self.config.issuer.clone(),
            name: name.unwrap_or_else(|| subject.to_string()),
            subject: subject.to_string(),
            role,
        })
    }

    /// A list of names, or one name.
    fn groups(&self, claims: &HashMap<String, Value>) -> Vec<String> {
        match claims.get(&self.config.groups_claim) {
            Some(Value::Array(groups)) => {
                groups.iter().take(GROUPS_MAX).filter_map(|group| group.as_str().map(str::to_owned)).collect()
            }
            Some(Value::String(group)) => vec![group.clone()],
            _ => Vec::new(),
        }
    }

    async fn client(&self, redirect_uri: String) -> Result<OidcClient, OidcError> {
        let metadata = self.metadata().await?;
        let id = ClientId::new(self.config.client_id.clone());
        let secret = ClientSecret::new(self.config.client_secret.clone());
        let redirect = RedirectUrl::new(redirect_uri).map_err(OidcError::unreachable)?;
        Ok(OidcClient::from_provider_metadata(metadata, id, Some(secret)).set_redirect_uri(redirect))
    }

    /// Asked for by one at a time: the others wait for the same answer.
    async fn metadata(&self) -> Result<CoreProviderMetadata, OidcError> {
        let mut known = self.known.lock().await;
        if let Some((since, metadata)) = &*known
            && since.elapsed() < METADATA_FRESH
        {
            return Ok(metadata.clone());
        }
        let issuer = IssuerUrl::new(self.config.issuer.clone()).map_err(OidcError::unreachable)?;
        // It has to name itself as it is named here.
        let metadata =
            CoreProviderMetadata::discover_async(issuer, &self.http).await.map_err(OidcError::unreachable)?;
        *known = Some((Instant::now(), metadata.clone()));
        Ok(metadata)
    }
}
