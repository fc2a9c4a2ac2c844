// API keys, and what those who run the program ask it.
#include "api/access.h"
#include "api/operation_bodies.h"
#include "api/operations.h"
#include "api/query.h"
#include "app/api_keys.h"
#include "app/events.h"

namespace orderly::api::operations {

namespace {

json::Rule key_id() { return json::field("id").says("The key's id, not its text."); }

}  // namespace

Operation create_api_key() {
  return operation("create_api_key", "Make an API key")
      .says("Its text is in this answer and in no other. A key for the role `client` needs a `client_id`.")
      .takes_body<app::CreateApiKey>(R"({"name":"Till 1","role":"staff","scopes":["catalog:read","orders:write"]})")
      .asks({given_just_when("client_id", "role", "client"), matches("client_id", "^[A-Za-z0-9._:-]*$"),
             items_are_of("scopes", all_scopes())})
      .answers<app::ApiKeyView>(201, "The key, with its text.");
}

Operation list_api_keys() {
  return operation("list_api_keys", "List the API keys")
      .says("In the order they were made, the revoked ones too.")
      .takes_query<PageQuery>()
      .answers<app::List<app::ApiKeyView>>(200, "A page of keys, without their texts.");
}

Operation get_api_key() {
  return operation("get_api_key", "Look at an API key")
      .has_path<ApiKeyId>(key_id())
      .answers<app::ApiKeyView>(200, "The key, without its text.");
}

Operation rotate_api_key() {
  return operation("rotate_api_key", "Give an API key a new text")
      .says("The old text is good for `grace_seconds` more.")
      .has_path<ApiKeyId>(key_id())
      .takes_body<app::RotateApiKey>(R"({"grace_seconds":3600})")
      .answers<app::ApiKeyView>(200, "The key, with its new text.")
      .refuses({"key-revoked"});
}

Operation revoke_api_key() {
  return operation("revoke_api_key", "Revoke an API key")
      .says("For good; again is no error.")
      .has_path<ApiKeyId>(key_id())
      .answers<app::ApiKeyView>(200, "The key, revoked.");
}

Operation list_events() {
  return operation("list_events", "List what happened, or follow it")
      .says(
          "The events of all objects, in the order in which they were committed, oldest first; with `object` those of "
          "one object. A page may be short, or empty, although there is more: only `next_cursor` says whether there "
          "is. To follow what happens: read on until `next_cursor` is null, then ask with `end_cursor` as the `cursor` "
          "from time to time, with the same filters. No event comes later into a place that was read; one may be "
          "listed twice after a failure, under the same `id`. Events of API keys are shown to the owner only.")
      .takes_query<EventsQuery>()
      .answers<app::EventList>(200, "A page of events.");
}

Operation get_home() {
  return operation("get_home", "See what is here").answers<HomeView>(200, "The program and its routes.");
}

Operation get_health() {
  return operation("get_health", "Ask whether the program is alive").answers<HealthView>(200, "It answers.");
}

Operation get_readiness() {
  return operation("get_readiness", "Ask whether the program takes changes")
      .answers<HealthView>(200, "It does.")
      .answers<HealthView>(503, "Not now.");
}

Operation get_version() {
  return operation("get_version", "Ask for the program's version").answers<VersionView>(200, "The version.");
}

Operation get_metrics() {
  return operation("get_metrics", "Get the program's metrics")
      .answers_as("text/plain", "Prometheus text format, version 0.0.4.");
}

namespace {

// Of what changes with the program only.
Operation file(std::string_view id, std::string_view summary, std::string_view media_type, std::string_view says) {
  return operation(id, summary)
      .takes_header(json::field("If-None-Match").says("The ETag of what is there already."))
      .answers_as(media_type, says)
      .answers_nothing(304, "It is still the same.");
}

}  // namespace

Operation get_openapi() { return file("get_openapi", "Get this document", "application/json", "OpenAPI 3.1."); }

Operation get_docs() { return file("get_docs", "Read this document as a page", "text/html", "A page for browsers."); }

Operation get_docs_script() {
  return file("get_docs_script", "Get the script of that page", "text/javascript", "Swagger UI.");
}

Operation get_docs_style() {
  return file("get_docs_style", "Get the style sheet of that page", "text/css", "Swagger UI's.");
}

}  // namespace orderly::api::operations
