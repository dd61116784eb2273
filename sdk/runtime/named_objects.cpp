#include "named_objects.h"

#include <map>

namespace osmia::win32 {

NamedObject find_or_make(const std::string& name, const std::function<std::shared_ptr<Waitable>()>& make) {
    if (name.empty()) return {make(), false};
    static std::mutex& mutex = *new std::mutex;
    static auto& names = *new std::map<std::string, std::weak_ptr<Waitable>>;
    std::scoped_lock lock(mutex);
    std::erase_if(names, [](const auto& entry) { return entry.second.expired(); });
    if (auto found = names.find(name); found != names.end()) {
        if (auto object = found->second.lock()) return {object, true};
    }
    auto object = make();
    names[name] = object;
    return {object, false};
}

}  // namespace osmia::win32
