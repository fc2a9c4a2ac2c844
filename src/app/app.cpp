#include "app/app.h"

namespace orderly::app {

IdEntropy make_entropy(App& app) {
  IdEntropy entropy;
  app.random.fill(entropy);
  return entropy;
}
EventId make_event_id(App& app, Time now) { return EventId::make(now, make_entropy(app)); }
MessageId make_message_id(App& app, Time now) { return MessageId::make(now, make_entropy(app)); }

}  // namespace orderly::app
