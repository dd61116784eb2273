#include "worker/module_host/handler_adapter.h"

#include "worker/module_host/utf16.h"

namespace osmia::worker {

HandlerAdapter::HandlerAdapter(const config::Handler& handler)
    : name_(to_utf16(handler.name)),
      path_(to_utf16(handler.path)),
      processor_(to_utf16(handler.script_processor)),
      type_(to_utf16(handler.type)),
      verbs_(handler.verb),
      allow_path_info_(handler.allow_path_info),
      access_(static_cast<DWORD>(handler.require_access)),
      resource_type_(static_cast<DWORD>(handler.resource_type)),
      buffer_limit_(handler.response_buffer_limit) {
    for (const std::string& module : handler.modules) {
        if (!modules_.empty()) modules_ += u',';
        modules_ += to_utf16(module);
    }
}

}  // namespace osmia::worker
