// GET /docs: the document as a page. Its files are part of the program (src/api/reference), so that it asks no other
// host for anything; what it loads from this one is said to the browser, too.
#include "api/api.h"
#include "api/handlers.h"
#include "base/text.h"

namespace orderly::embedded {
std::string_view reference_page();
std::string_view reference_page_gzip();
std::string_view reference_script();
std::string_view reference_script_gzip();
std::string_view reference_style();
std::string_view reference_style_gzip();
}  // namespace orderly::embedded

namespace orderly::api::handlers {

namespace {

constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

struct File {
  std::string_view media_type;
  std::string_view plain;
  std::string_view gzip;
  std::string tag;  // without its quotation marks
};

File make_file(Api& api, std::string_view media_type, std::string_view plain, std::string_view gzip) {
  return {media_type, plain, gzip, to_hex(api.app().crypto.sha256(plain)).substr(0, 32)};
}

// The two forms have each a tag of their own, since strong ones are of bytes. Browsers ask each time whether it
// changed: the paths stay the same when the program is replaced.
Response respond(const Context& context, const File& file) {
  const bool is_compressed = accepts_gzip(context.request);
  const std::string tag = '"' + file.tag + (is_compressed ? "-gzip\"" : "\"");
  Response response;
  if (matches_tag(context.request, tag)) {
    response.status = 304;
  } else {
    response.headers.emplace_back("content-type", std::string(file.media_type) + "; charset=utf-8");
    if (is_compressed) response.headers.emplace_back("content-encoding", "gzip");
    response.body = is_compressed ? file.gzip : file.plain;
  }
  response.headers.emplace_back("etag", tag);
  response.headers.emplace_back("vary", "accept-encoding");
  response.headers.emplace_back("cache-control", "no-cache");
  response.headers.emplace_back("content-security-policy", kPolicy);
  response.headers.emplace_back("referrer-policy", "no-referrer");
  return response;
}

}  // namespace

Task<Response> get_docs(Api& api, Context& context) {
  static const File page = make_file(api, "text/html", embedded::reference_page(), embedded::reference_page_gzip());
  co_return respond(context, page);
}

Task<Response> get_docs_script(Api& api, Context& context) {
  static const File script =
      make_file(api, "text/javascript", embedded::reference_script(), embedded::reference_script_gzip());
  co_return respond(context, script);
}

Task<Response> get_docs_style(Api& api, Context& context) {
  static const File style = make_file(api, "text/css", embedded::reference_style(), embedded::reference_style_gzip());
  co_return respond(context, style);
}

}  // namespace orderly::api::handlers
