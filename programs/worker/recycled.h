/// \file
/// Memory that goes from one request of a thread to the next instead of through the allocator.
#pragma once

#include <cstddef>
#include <new>
#include <utility>
#include <vector>

namespace osmia::worker {

/// Blocks, or vectors, that a thread keeps for its next requests; what is beyond goes back to the allocator.
inline constexpr std::size_t MaxSpares = 16;
/// A vector that has grown beyond this many items is not kept.
inline constexpr std::size_t MaxSpareItems = 64;

/// Gives T an allocation function of its own. An object may be deleted on another thread than it was made on.
template <class T>
class Recycled {
public:
    static void* operator new(std::size_t size) {
        auto& blocks = spares().blocks;
        if (size != sizeof(T) || blocks.empty()) return ::operator new(size, std::align_val_t(alignof(T)));
        void* block = blocks.back();
        blocks.pop_back();
        return block;
    }
    static void operator delete(void* block, std::size_t size) {
        auto& blocks = spares().blocks;
        if (size != sizeof(T) || blocks.size() >= MaxSpares) return ::operator delete(block, std::align_val_t(alignof(T)));
        blocks.push_back(block);
    }

private:
    struct Spares {
        Spares() { blocks.reserve(MaxSpares); }
        ~Spares() {
            for (void* block : blocks) ::operator delete(block, std::align_val_t(alignof(T)));
        }
        std::vector<void*> blocks;
    };
    static Spares& spares() {
        static thread_local Spares spares;
        return spares;
    }
};

/// A vector whose memory a thread's next one of that type gets. Use it like the vector that it is.
template <class Item>
class RecycledVector : public std::vector<Item> {
public:
    RecycledVector() : std::vector<Item>(take()) {}
    RecycledVector(RecycledVector&&) = default;
    RecycledVector& operator=(RecycledVector&&) = default;
    RecycledVector(const RecycledVector&) = default;
    RecycledVector& operator=(const RecycledVector&) = default;
    ~RecycledVector() {
        if (this->capacity() == 0 || this->capacity() > MaxSpareItems || spares().size() >= MaxSpares) return;
        this->clear();
        spares().push_back(std::move(*this));
    }

private:
    static std::vector<std::vector<Item>>& spares() {
        static thread_local std::vector<std::vector<Item>> spares = [] {
            std::vector<std::vector<Item>> room;
            room.reserve(MaxSpares);
            return room;
        }();
        return spares;
    }
    static std::vector<Item> take() {
        if (spares().empty()) return {};
        std::vector<Item> spare = std::move(spares().back());
        spares().pop_back();
        return spare;
    }
};

}  // namespace osmia::worker
