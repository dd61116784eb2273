/// \file
/// A section's content after merging: what is set, where it was set, what is locked.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/schema.h"
#include "config/xml_document.h"

namespace osmia::config {

/// An attribute that a file sets, with its place.
struct Setting {
    Value value;
    Place place;
};

/// Something that deeper files must not touch. `level` is the level of the file that says so (0: the machine's file, 1
/// and up: the web.config files on the way, outermost first); the lock binds greater levels only.
struct Lock {
    std::string name;
    int level = 0;
    Place place;
};

/// What a program keeps with a section's content, such as the content in a form of its own.
class SectionAttachment {
public:
    virtual ~SectionAttachment() = default;
};

/// The place for one attachment, filled at most once and freed with its node. A copy of the node is another content, so
/// its slot is empty. Thread-safe.
class AttachmentSlot {
public:
    AttachmentSlot() = default;
    AttachmentSlot(const AttachmentSlot&) {}
    AttachmentSlot& operator=(const AttachmentSlot&) = delete;
    ~AttachmentSlot() { delete kept_.load(std::memory_order_acquire); }

    SectionAttachment* get() const { return kept_.load(std::memory_order_acquire); }
    /// Keeps \a attachment unless another thread was faster; returns what is kept.
    SectionAttachment& keep(std::unique_ptr<SectionAttachment> attachment) const {
        SectionAttachment* expected = nullptr;
        if (!kept_.compare_exchange_strong(expected, attachment.get(), std::memory_order_acq_rel)) return *expected;
        return *attachment.release();
    }

private:
    mutable std::atomic<SectionAttachment*> kept_ = nullptr;
};

/// One element of a section. Immutable once published; children and items are shared between levels.
struct SectionNode {
    const ElementSchema* schema = nullptr;               ///< lives to the end of the program, or with its module
    std::vector<std::optional<Setting>> settings;        ///< by index of schema->attributes
    std::vector<std::shared_ptr<const SectionNode>> children;  ///< by index of schema->children; null: never mentioned
    std::vector<std::shared_ptr<const SectionNode>> items;     ///< of the collection, in effective order
    bool cleared = false;                                ///< a file has dropped what came before
    bool shipped = false;                                ///< an item of the shipped defaults
    std::size_t opaque_elements = 0;                     ///< of an opaque section: elements other than remove and clear
    std::vector<Lock> locked_attributes;
    std::vector<Lock> locked_elements;
    std::optional<Lock> locked;                          ///< lockItem
    Place place;                                         ///< where the element was last mentioned
    AttachmentSlot attachment;                           ///< of a section's outermost element

    explicit SectionNode(const ElementSchema& element)
        : schema(&element), settings(element.attributes.size()), children(element.children.size()) {}

    /// The value of an attribute: set, or the schema's default (an empty Value when it has none). The name must exist.
    const Value& value(std::string_view attribute) const;
    /// The setting itself, or null. The name must exist.
    const Setting* setting(std::string_view attribute) const;
    /// A child element, or null when no file mentions it. The name must exist.
    const SectionNode* child(std::string_view name) const;

    bool flag(std::string_view attribute) const { return value(attribute).number != 0; }
    const std::string& text(std::string_view attribute) const { return value(attribute).text; }
    std::uint32_t number(std::string_view attribute) const {
        return static_cast<std::uint32_t>(value(attribute).number);
    }
};

/// The texts under which an item is found again: one for each unique key, one for a combined key. Lower case where the
/// key compares without case.
std::vector<std::string> item_keys(const SectionNode& item);

}  // namespace osmia::config
