// Clients, their accounts and sessions.
#include "api/operations.h"
#include "api/query.h"
#include "app/accounts.h"
#include "app/clients.h"
#include "app/erasure.h"
#include "app/sessions.h"

namespace orderly::api::operations {

namespace {

json::Rule guest_token() {
  json::Rule rule = json::field("Cart-Id").says("The guest's token.");
  rule.required = true;
  return rule;
}

json::Rule client_id() { return json::field("id").says("The client's id."); }

}  // namespace

Operation claim_order() {
  return operation("claim_order", "Take over an order that was placed as a guest")
      .says(
          "With the client's own credentials and, as `Cart-Id`, the token of the guest who ordered. The order, its "
          "payments and its invoices are the client's from then on.")
      .has_path<OrderId>(json::field("id").says("The order's id."))
      .takes_header(guest_token())
      .answers<app::OrderView>(200, "The order, now the client's.")
      .refuses({"too-many-guests", "too-many-transactions"});
}

Operation create_client() {
  return operation("create_client", "Make a client")
      .says("Who they are is stored encrypted under a key of their own.")
      .takes_body<app::CreateClient>(
          R"({"name":"Ada Byron","email":"ada@example.com","phone":"+49 30 1234567","tax_number":"DE123456789",)"
          R"("addresses":[{"name":"Ada Byron","line1":"Inselstr. 3","city":"Berlin","postal_code":"10179",)"
          R"("country":"DE"}],"currency":"EUR","credit_limit":500000,"terms":"net_30"})")
      .answers<app::ClientView>(201, "The client.")
      .refuses({"email-taken"});
}

Operation list_clients() {
  return operation("list_clients", "List and find clients")
      .says(
          "In the order they were made, or by e-mail address, or by how the words of their name begin. A page may be "
          "short although there is more: only `next_cursor` says whether there is.")
      .takes_query<ClientsQuery>()
      .answers<app::List<app::ClientView>>(200, "A page of clients.");
}

Operation get_client() {
  return operation("get_client", "Look at a client")
      .says("Clients see themselves; staff see everybody, and of who was erased that they were there.")
      .has_path<ClientId>(client_id())
      .answers<app::ClientView>(200, "The client.");
}

Operation update_client() {
  return operation("update_client", "Change a client")
      .says(
          "What is absent stays as it is. Clients change their own `name`, `phone`, `tax_number` and `addresses`; the "
          "rest is for staff.")
      .has_path<ClientId>(client_id())
      .takes_body<app::UpdateClient>(R"({"phone":"+49 30 7654321"})")
      .answers<app::ClientView>(200, "The client as it is now.")
      .refuses({"email-taken"});
}

Operation erase_client() {
  return operation("erase_client", "Forget a client")
      .says(
          "Destroys the key under which all personal data of the client is stored, and their account, for good. "
          "Clients may have it done to themselves. Also of a guest, by the label that their orders show.")
      .has_path<std::string>(client_id())
      .answers<app::ErasureView>(200, "What was kept, and why.")
      .refuses({"client-has-open-orders"});
}

Operation sign_up() {
  return operation("sign_up", "Open an account")
      .says(
          "Sends a mail with a code to the address. The answer is the same whether or not it has an account already."
          " The answer is not kept for an Idempotency-Key.")
      .takes_body<app::SignUp>(
          R"({"email":"grace@example.com","password":"correct horse battery","name":"Grace Hopper"})")
      .keeps_no_answer()
      .answers<app::MailSentView>(202, "The mail is on its way, if the address can have an account.");
}

Operation verify_email() {
  return operation("verify_email", "Confirm an e-mail address")
      .says(
          "With the code of the mail and the password of the sign-up: the account is then open, and its client signed "
          "in."
          " The answer is not kept for an Idempotency-Key.")
      .takes_body<app::VerifyEmail>(
          R"({"token":"ot_0123456789abcdef0123456789abcdef01234567","password":"correct horse battery"})")
      .keeps_no_answer()
      .answers<app::SessionView>(200, "The client's tokens.")
      .refuses({"email-taken"});
}

Operation get_account() {
  return operation("get_account", "Look at oneself").looks_up().answers<app::ClientView>(200, "The client who asks.");
}

Operation change_password() {
  return operation("change_password", "Change one's password")
      .says(
          "Everybody else who is signed in there is signed out."
          " The answer is not kept for an Idempotency-Key.")
      .takes_body<app::ChangePassword>(
          R"({"current_password":"correct horse battery","new_password":"a better one, of course"})")
      .keeps_no_answer()
      .looks_up()
      .answers<app::SessionView>(200, "New tokens.");
}

Operation request_password_reset() {
  return operation("request_password_reset", "Ask for a new password")
      .says(
          "Sends a mail with a code to the address, if it has an account. The answer is the same if it has none."
          " The answer is not kept for an Idempotency-Key.")
      .takes_body<app::RequestPasswordReset>(R"({"email":"grace@example.com"})")
      .keeps_no_answer()
      .answers<app::MailSentView>(202, "The mail is on its way, if the address has an account.");
}

Operation reset_password() {
  return operation("reset_password", "Choose a new password")
      .says(
          "With the code of the mail. Everybody who is signed in there is signed out."
          " The answer is not kept for an Idempotency-Key.")
      .takes_body<app::ResetPassword>(
          R"({"token":"ot_0123456789abcdef0123456789abcdef01234567","new_password":"a better one, of course"})")
      .keeps_no_answer()
      .answers<app::SessionView>(200, "The client's tokens.");
}

Operation sign_in() {
  return operation("sign_in", "Sign in")
      .says(
          "Ten failures a minute are borne, of an address of either kind; then 429. The access token is sent as "
          "`Authorization: Bearer`."
          " The answer is not kept for an Idempotency-Key.")
      .takes_body<app::SignIn>(R"({"email":"grace@example.com","password":"correct horse battery"})")
      .keeps_no_answer()
      .answers<app::SessionView>(200, "The client's tokens.");
}

Operation refresh_session() {
  return operation("refresh_session", "Get the next tokens of a session")
      .says(
          "Each refresh token is good once. One that comes again ends its session, since somebody may have stolen it: "
          "send an Idempotency-Key, so that a lost answer can be asked for again.")
      .takes_body<app::RefreshSession>(
          R"({"refresh_token":"rt_01ARZ3NDEKTSV4RRFFQ69G5FAV0123456789abcdef0123456789abcdef01234567"})")
      .answers<app::SessionView>(200, "The next tokens.");
}

Operation end_session() {
  return operation("end_session", "Sign out")
      .says("Of this session; one that is over is no error. An access token is good for its few minutes all the same.")
      .takes_body<app::RefreshSession>(
          R"({"refresh_token":"rt_01ARZ3NDEKTSV4RRFFQ69G5FAV0123456789abcdef0123456789abcdef01234567"})")
      .answers<app::NoContentView>(200, "The session is over.");
}

Operation end_all_sessions() {
  return operation("end_all_sessions", "Sign out everywhere")
      .says("No token that was given before is good any more.")
      .looks_up()
      .answers<app::NoContentView>(200, "All sessions are over.");
}

}  // namespace orderly::api::operations
