#include "file.h"

#include <algorithm>
#include <fstream>
#include <initializer_list>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>
#include <utility>

namespace vectors {
namespace {

using Json = nlohmann::json;

template <typename Number>
Number ReadNumber(const Json& json) {
  if (!json.is_number_unsigned() || json > std::numeric_limits<Number>::max()) {
    throw NotUnderstood(json.dump() + " is no number, or out of range");
  }
  return json.get<Number>();
}

// An object of a file: each key is taken once, and none may be left.
class Fields {
 public:
  explicit Fields(Json json) : json_(std::move(json)) {
    if (!json_.is_object()) throw NotUnderstood(json_.dump() + " is no object");
  }

  [[nodiscard]] bool Has(const std::string& key) const { return json_.contains(key); }

  Json Take(const std::string& key) {
    const auto at = json_.find(key);
    if (at == json_.end()) throw NotUnderstood("there is no \"" + key + '"');
    Json value = std::move(*at);
    json_.erase(at);
    return value;
  }
  template <typename T>
  T Take(const std::string& key, T otherwise) {
    return Has(key) ? Take(key).get<T>() : std::move(otherwise);
  }
  template <typename T>
  T Number(const std::string& key, T otherwise) {
    return Has(key) ? ReadNumber<T>(Take(key)) : otherwise;
  }
  std::optional<std::string> Text(const std::string& key) {
    if (!Has(key)) return std::nullopt;
    return Take(key).get<std::string>();
  }
  // What stands at the place of the value among the choices.
  template <typename T>
  T Choose(const std::string& key, std::initializer_list<std::pair<const char*, T>> choices) {
    const auto value = Take(key).get<std::string>();
    for (const auto& [name, choice] : choices) {
      if (value == name) return choice;
    }
    throw NotUnderstood(key + ": \"" + value + "\" is not known");
  }
  template <typename Read>
  auto Each(const std::string& key, Read&& read) {
    std::vector<decltype(read(Json()))> all;
    const Json array = Take(key, Json::array());
    if (!array.is_array()) throw NotUnderstood(key + ": " + array.dump() + " is no array");
    for (const Json& each : array) all.push_back(read(each));
    return all;
  }

  void End() const {
    if (!json_.empty()) throw NotUnderstood('"' + json_.begin().key() + "\" is not known");
  }

 private:
  Json json_;
};

std::vector<std::uint8_t> ReadLines(const Json& lines) {
  std::vector<std::uint8_t> bytes;
  for (const Json& line : lines) {
    std::istringstream words(line.get<std::string>());
    std::string word;
    words >> word;
    const auto known = {"ipv4", "ipv6", "icmp", "data", "padding"};
    if (std::find(known.begin(), known.end(), word) == known.end())
      throw NotUnderstood(line.dump());
    while (words >> word) {
      std::size_t used = 0;
      const unsigned long value = std::stoul(word, &used, 16);
      if (used != 2 || word.size() != 2) throw NotUnderstood(line.dump());
      bytes.push_back(static_cast<std::uint8_t>(value));
    }
  }
  return bytes;
}

void ReadPackets(Fields* fields, Packets* packets) {
  const Json object = fields->Take("packets", Json::object());
  for (const auto& [name, value] : object.items()) {
    Fields of_packet(value);
    Packet& packet = (*packets)[name];
    packet = {name, ReadLines(of_packet.Take("bytes")), of_packet.Text("seen")};
    static_cast<void>(of_packet.Text("malformed"));  // is for readers
    of_packet.End();
  }
}

netstack::Family ReadFamily(Fields* fields) {
  using netstack::Family;
  return fields->Choose<Family>(
      "family", {{"any", Family::kAny}, {"ipv4", Family::kIpv4}, {"ipv6", Family::kIpv6}});
}

netstack::StackOptions ReadStack(const Json& json) {
  Fields fields(json);
  netstack::StackOptions options;
  if (fields.Take("strict_routes", false)) options.flags = NS_STACK_STRICT_ROUTES;
  options.default_ttl = fields.Number<std::uint32_t>("default_ttl", 0);
  options.default_hop_limit = fields.Number<std::uint32_t>("default_hop_limit", 0);
  fields.End();
  return options;
}

Nic ReadNic(const Json& json) {
  Fields fields(json);
  Nic nic;
  const auto text = [](const Json& each) { return each.get<std::string>(); };
  const auto prefix = [&](const Json& each) { return netstack::Prefix(text(each)); };
  nic.number = ReadNumber<std::uint32_t>(fields.Take("number"));
  nic.mtu = fields.Number<std::uint32_t>("mtu", 0);
  nic.capacity = fields.Number<std::uint32_t>("capacity", 0);
  nic.options.addresses = fields.Each("addresses", prefix);
  nic.options.local_prefixes = fields.Each("prefixes", prefix);
  nic.groups = fields.Each("groups", text);
  if (fields.Take("promiscuous", false)) nic.options.flags |= NS_NIC_PROMISCUOUS;
  if (fields.Take("spoofing", false)) nic.options.flags |= NS_NIC_SPOOFING;
  if (fields.Take("side_by_side", false)) nic.options.flags |= NS_NIC_SIDE_BY_SIDE;
  fields.End();
  return nic;
}

Route ReadRoute(const Json& json) {
  Fields fields(json);
  Route route{fields.Take("to").get<std::string>(), ReadNumber<std::uint32_t>(fields.Take("nic")),
              fields.Text("gateway")};
  fields.End();
  return route;
}

Policy ReadPolicy(const Json& json) {
  using netstack::EchoDestination;
  using netstack::EchoPolicy;
  Fields fields(json);
  Policy policy{
      ReadFamily(&fields),
      fields.Choose<EchoDestination>("destination", {{"temporary", EchoDestination::kTemporary},
                                                     {"group", EchoDestination::kGroup}}),
      fields.Choose<EchoPolicy>("policy", {{"default", EchoPolicy::kDefault},
                                           {"reply", EchoPolicy::kReply},
                                           {"silent", EchoPolicy::kSilent}})};
  fields.End();
  return policy;
}

Rate ReadRate(const Json& json) {
  Fields fields(json);
  const Rate rate{ReadNumber<std::uint32_t>(fields.Take("per_second")),
                  ReadNumber<std::uint32_t>(fields.Take("burst"))};
  fields.End();
  return rate;
}

Limited ReadLimited(const Json& json) {
  Fields fields(json);
  const Limited limited{ReadFamily(&fields), ReadNumber<std::uint8_t>(fields.Take("type")),
                        fields.Take("limited").get<bool>()};
  fields.End();
  return limited;
}

Socket ReadSocket(const Json& json) {
  Fields fields(json);
  Socket socket{ReadFamily(&fields), ReadNumber<std::uint16_t>(fields.Take("identifier")), {}};
  if (const auto address = fields.Text("address")) socket.address = netstack::Address(*address);
  fields.End();
  return socket;
}

// What a vector says that names packets.
class Reader {
 public:
  explicit Reader(const Packets& packets) : packets_(packets) {}

  Handler ReadHandler(const Json& json) const {
    using Then = Handler::Then;
    Fields fields(json);
    Handler handler{ReadFamily(&fields), fields.Take("echo_replies", false),
                    fields.Each("does", [this](const Json& each) { return ReadAction(each); }),
                    fields.Choose<Then>("then", {{"consumed", Then::kConsumed},
                                                 {"declined", Then::kDeclined},
                                                 {"fails", Then::kFails}})};
    fields.End();
    return handler;
  }

  Step ReadStep(const Json& json) const {
    Fields fields(json);
    Step step;
    const auto named = [this](const Json& each) { return Named(each); };
    if (fields.Has("handlers")) {
      step.handlers =
          fields.Each("handlers", [this](const Json& each) { return ReadHandler(each); });
    }
    if (fields.Has("sockets")) step.sockets = fields.Each("sockets", ReadSocket);
    step.advance = fields.Number<std::int64_t>("advance", 0);
    if (fields.Has("inject")) {
      step.inject = Named(fields.Take("inject"));
      step.nic = fields.Number<std::uint32_t>("nic", 1);
      step.result = fields.Take<std::string>("result", "ok");
      step.sees = fields.Each("sees", named);
      step.out = fields.Each("out", named);
    } else if (fields.Has("kept")) {
      step.kept = fields.Choose<const char*>(
          "kept",
          {{"reply", "reply"}, {"reply elsewhere", "reply elsewhere"}, {"packet", "packet"}});
      step.result = fields.Take("result").get<std::string>();
    } else if (fields.Has("packet")) {
      step.packet = Named(fields.Take("packet"));
    }
    fields.End();
    return step;
  }

 private:
  [[nodiscard]] Packet Named(const Json& name) const {
    const auto at = packets_.find(name.get<std::string>());
    if (at == packets_.end()) throw NotUnderstood("there is no packet " + name.dump());
    return at->second;
  }

  [[nodiscard]] Action ReadAction(const Json& json) const {
    using Kind = Action::Kind;
    const std::pair<const char*, Kind> kinds[] = {
        {"reply", Kind::kReply},          {"reply elsewhere", Kind::kReplyElsewhere},
        {"reply kept", Kind::kReplyKept}, {"keep", Kind::kKeep},
        {"inject", Kind::kInject},        {"route", Kind::kRoute}};
    Fields fields(json);
    const auto kind = std::find_if(std::begin(kinds), std::end(kinds),
                                   [&](const auto& each) { return fields.Has(each.first); });
    if (kind == std::end(kinds)) throw NotUnderstood(json.dump() + " is not understood");
    Action action{kind->second, "ok", {}, {}};
    if (action.kind == Kind::kInject) {
      action.packet = Named(fields.Take("inject"));
      action.result = fields.Take<std::string>("result", "ok");
    } else if (action.kind == Kind::kRoute) {
      action.route = ReadRoute(fields.Take("route"));
    } else {
      action.result = fields.Take(kind->first).get<std::string>();
    }
    if (action.kind == Kind::kKeep && action.result != "request" && action.result != "packet") {
      throw NotUnderstood("keep: \"" + action.result + "\" is not known");
    }
    fields.End();
    return action;
  }

  const Packets& packets_;
};

Vector ReadVector(const Json& json, Packets packets) {
  Fields fields(json);
  Vector vector;
  vector.name = fields.Take("name").get<std::string>();
  ReadPackets(&fields, &packets);
  const Reader reader(packets);
  vector.stack = ReadStack(fields.Take("stack", Json::object()));
  vector.nics = fields.Each("nics", ReadNic);
  vector.routes = fields.Each("routes", ReadRoute);
  vector.policies = fields.Each("policies", ReadPolicy);
  if (fields.Has("icmp_rate")) vector.icmp_rate = ReadRate(fields.Take("icmp_rate"));
  vector.icmp_limited = fields.Each("icmp_limited", ReadLimited);
  vector.sockets = fields.Each("sockets", ReadSocket);
  vector.handlers =
      fields.Each("handlers", [&](const Json& each) { return reader.ReadHandler(each); });
  vector.steps = fields.Each("steps", [&](const Json& each) { return reader.ReadStep(each); });
  const Json counters = fields.Take("counters");
  for (const auto& [name, value] : counters.items()) {
    vector.counters[name] = ReadNumber<std::uint64_t>(value);
    if (value == 0) throw NotUnderstood("counter " + name + ": a number from 1 on is expected");
  }
  fields.End();
  return vector;
}

}  // namespace

File ReadFile(const std::string& path) try {
  std::ifstream in(path);
  if (!in) throw NotUnderstood("it cannot be read");
  Fields fields(Json::parse(in));
  File file;
  file.path = path;
  Packets packets;
  file.group = fields.Take("group").get<std::string>();
  static_cast<void>(fields.Take("about"));  // is for readers
  ReadPackets(&fields, &packets);
  file.vectors =
      fields.Each("vectors", [&](const Json& each) { return ReadVector(each, packets); });
  fields.End();
  return file;
} catch (const std::exception& error) {
  throw NotUnderstood(path + ": " + error.what());
}

}  // namespace vectors
