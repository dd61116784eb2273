#include "worker/pipeline/url_target.h"

namespace osmia::worker {

UrlTarget ConfiguredSites::find(std::uint32_t site_id, std::string_view url_path) {
    UrlTarget target;
    target.site = configuration_->find_site(site_id);
    if (target.site == nullptr) return target;
    target.place = config::map_url(*target.site, url_path);
    target.configuration = cache_.find(site_id, url_path);
    return target;
}

}  // namespace osmia::worker
