/// \file
/// Reads an item through the elements that hold its defaults (siteDefaults, applicationPoolDefaults ...).
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "config/section_node.h"

namespace osmia::config {

/// The nodes that speak for one element, the nearest first; the schema's default is last. Borrows the nodes.
class SectionView {
public:
    explicit SectionView(const ElementSchema& schema) : schema_(&schema) {}

    /// Adds what to ask when the nodes so far say nothing; null is skipped. Returns itself.
    SectionView& then(const SectionNode* node);

    bool flag(std::string_view attribute) const { return value(attribute).number != 0; }
    std::uint32_t number(std::string_view attribute) const {
        return static_cast<std::uint32_t>(value(attribute).number);
    }
    std::uint64_t large(std::string_view attribute) const { return static_cast<std::uint64_t>(value(attribute).number); }
    const std::string& text(std::string_view attribute) const { return value(attribute).text; }
    std::chrono::milliseconds time(std::string_view attribute) const {
        return std::chrono::milliseconds(value(attribute).number);
    }
    /// An enumerator by its number, which the schema has checked.
    template <class E>
    E choice(std::string_view attribute) const {
        return static_cast<E>(value(attribute).number);
    }
    /// The nearest setting, or null when only the schema's default speaks.
    const Setting* setting(std::string_view attribute) const;

    SectionView child(std::string_view name) const;

    /// The collection's items: those of the defaults first, an item with a key of a nearer node replaces them, and a
    /// node that clears hides what is behind it.
    std::vector<const SectionNode*> items() const;

private:
    const Value& value(std::string_view attribute) const;

    const ElementSchema* schema_;
    std::vector<const SectionNode*> nodes_;
};

}  // namespace osmia::config
