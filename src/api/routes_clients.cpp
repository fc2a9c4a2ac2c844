// Clients, their accounts and sessions.
#include "api/api.h"
#include "api/caller.h"
#include "api/handlers.h"
#include "api/query.h"
#include "app/accounts.h"
#include "app/claims.h"
#include "app/client_records.h"
#include "app/clients.h"
#include "app/erasure.h"

namespace orderly::api::handlers {

namespace {

// Ten failures a minute, and then one each six seconds, of an account and from an address. A try is counted before it
// is made, so that many at once are, too, and given back when it was good.
constexpr Rate kFailedSignIns{10.0 / 60, 10};
// Mails that somebody may have sent to an address, and from one.
constexpr Rate kMailsToAddress{1.0 / 600, 3};
constexpr Rate kMailsFromAddress{1.0 / 20, 30};

// One try to sign in, counted of the account and of the network address before it is made; given back when it succeeds.
// Of both, since one attacker may try many accounts, and from many addresses one account.
class SignInAttempt {
 public:
  SignInAttempt(Api& api, const Context& context, std::string_view account)
      : api_(api),
        account_("sign-in of " + std::string(account)),
        address_("sign-in from " + counted_as(context.request.remote_address)) {
    api_.require_rate(address_, kFailedSignIns);
    api_.require_rate(account_, kFailedSignIns);
  }
  void succeeded() {
    api_.give_back(address_, kFailedSignIns);
    api_.give_back(account_, kFailedSignIns);
  }

 private:
  Api& api_;
  std::string account_;
  std::string address_;
};

void require_mail_rate(Api& api, const Context& context, const domain::EmailAddress& email) {
  api.require_rate("mail from " + counted_as(context.request.remote_address), kMailsFromAddress);
  api.require_rate("mail to " + app::hash_of(api.app(), email), kMailsToAddress);
}

}  // namespace

Task<Response> post_client(Api& api, Context& context) {
  co_return to_response(
      co_await app::create_client(api.app(), context.caller, body_of<app::CreateClient>(context), context.repeat_key));
}

Task<Response> get_clients(Api& api, Context& context) {
  const auto query = query_of<ClientsQuery>(context);
  auto list = co_await app::list_clients(api.app(), {query.email, query.name}, page_of(api, context, query));
  co_return list_response(api, context, std::move(list));
}

Task<Response> get_client(Api& api, Context& context) {
  co_return json_response(200,
                          json::write(co_await app::get_client(api.app(), context.caller, context.parameter("id"))));
}

Task<Response> put_client(Api& api, Context& context) {
  co_return to_response(co_await app::update_client(api.app(), context.caller, context.parameter("id"),
                                                    body_of<app::UpdateClient>(context), context.repeat_key));
}

Task<Response> delete_client(Api& api, Context& context) {
  co_return to_response(
      co_await app::erase_client(api.app(), context.caller, context.parameter("id"), context.repeat_key));
}

Task<Response> post_claim(Api& api, Context& context) {
  const auto token = context.request.header("cart-id");
  if (!token) throw_invalid("", "Cart-Id must be the token of the guest who ordered.");
  co_return to_response(co_await app::claim_order(api.app(), context.caller, context.parameter("id"),
                                                  std::string(*token), context.repeat_key));
}

Task<Response> get_account(Api& api, Context& context) {
  co_return json_response(200,
                          json::write(co_await app::get_client(api.app(), context.caller, context.caller.client_id)));
}

Task<Response> post_account(Api& api, Context& context) {
  auto command = body_of<app::SignUp>(context);
  require_mail_rate(api, context, command.email);
  co_return json_response(202, json::write(co_await app::sign_up(api.app(), context.caller, std::move(command))));
}

Task<Response> post_verify(Api& api, Context& context) {
  auto command = body_of<app::VerifyEmail>(context);
  SignInAttempt attempt(api, context, "code " + command.token);
  const auto session = co_await app::verify_email(api.app(), context.caller, std::move(command));
  attempt.succeeded();
  co_return json_response(200, json::write(session));
}

Task<Response> put_password(Api& api, Context& context) {
  auto command = body_of<app::ChangePassword>(context);
  SignInAttempt attempt(api, context, context.caller.client_id);
  const auto session = co_await app::change_password(api.app(), context.caller, std::move(command));
  attempt.succeeded();
  co_return json_response(200, json::write(session));
}

Task<Response> post_password_reset(Api& api, Context& context) {
  auto command = body_of<app::RequestPasswordReset>(context);
  require_mail_rate(api, context, command.email);
  co_return json_response(
      202, json::write(co_await app::request_password_reset(api.app(), context.caller, std::move(command))));
}

Task<Response> post_reset_confirm(Api& api, Context& context) {
  auto command = body_of<app::ResetPassword>(context);
  SignInAttempt attempt(api, context, "code " + command.token);
  const auto session = co_await app::reset_password(api.app(), context.caller, std::move(command));
  attempt.succeeded();
  co_return json_response(200, json::write(session));
}

Task<Response> post_session(Api& api, Context& context) {
  auto command = body_of<app::SignIn>(context);
  SignInAttempt attempt(api, context, app::hash_of(api.app(), command.email));
  const auto session = co_await app::sign_in(api.app(), context.caller, std::move(command));
  attempt.succeeded();
  co_return json_response(200, json::write(session));
}

Task<Response> post_refresh(Api& api, Context& context) {
  co_return to_response(
      co_await app::refresh_session(api.app(), body_of<app::RefreshSession>(context), context.repeat_key));
}

Task<Response> post_end(Api& api, Context& context) {
  co_return to_response(
      co_await app::end_session(api.app(), body_of<app::RefreshSession>(context), context.repeat_key));
}

Task<Response> delete_sessions(Api& api, Context& context) {
  co_return to_response(co_await app::end_all_sessions(api.app(), context.caller, context.repeat_key));
}

}  // namespace orderly::api::handlers
