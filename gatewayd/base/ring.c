#include "ring.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "hash.h"
#include "limits.h"

/* One writer, the source that owns the file. A reading is in the ring once `head` counts it: the entry is written
 * first, then head is stored with release order, so a SIGKILL anywhere leaves either all of it or none. The checksum
 * finds what only a foreign hand or broken memory can do. */

#define RING_MAGIC UINT64_C(0x676e69722d77670a) /* "\ngw-ring" */

struct ring_header {
    uint64_t magic; /* written last when the file is made */
    uint64_t entry_size;
    uint64_t capacity;
    uint64_t boot;         /* hash of the boot id: times of another boot mean nothing in this one */
    _Atomic uint64_t head; /* origin of the youngest reading; a 64-bit count, so it goes on when its low half is full */
    _Atomic uint64_t tail; /* origin of the youngest reading that is forgotten; head - tail are kept */
    _Atomic uint64_t keys_from; /* origin up to which source keys are forgotten */
    uint64_t reserved;
};

struct ring_entry {
    struct reading reading;
    uint64_t checksum;
    uint64_t sensor; /* hash of its sensor's name; 0: slots were not bound */
};

struct ring {
    struct ring_header *header;
    struct ring_entry *entries;
    size_t capacity;
    size_t bytes;
    uint64_t hidden; /* added behind the head and not yet shown */
    bool bound;
    uint64_t names[SENSORS_MAX]; /* by slot, hashes; 0: no sensor of ours */
};

_Static_assert(sizeof(struct ring_header) == 64 && sizeof(struct ring_entry) == 64, "the file's layout");

static uint64_t checksum(const struct reading *reading, uint64_t sensor)
{
    return hash_u64(hash_bytes(HASH_START, reading, sizeof(*reading)), sensor);
}

static uint64_t ring_head(const struct ring *ring)
{
    return atomic_load_explicit(&ring->header->head, memory_order_acquire);
}

static uint64_t ring_tail(const struct ring *ring)
{
    return atomic_load_explicit(&ring->header->tail, memory_order_acquire);
}

/* The entry of this origin, or NULL if it is torn or overwritten. */
static const struct ring_entry *entry_of(const struct ring *ring, uint64_t origin)
{
    const struct ring_entry *entry = &ring->entries[origin & (ring->capacity - 1)];
    return entry->reading.origin == origin && entry->checksum == checksum(&entry->reading, entry->sensor) ? entry
                                                                                                          : NULL;
}

static uint64_t this_boot(void)
{
    char id[37];
    return clock_boot_id(id) == 0 ? hash_text(HASH_START, id) : 0;
}

static bool header_is_ours(const struct ring_header *header, size_t capacity)
{
    uint64_t head = atomic_load(&header->head), tail = atomic_load(&header->tail);
    return header->magic == RING_MAGIC && header->entry_size == sizeof(struct ring_entry) &&
           header->capacity == capacity && header->boot == this_boot() && head >= tail && head - tail <= capacity &&
           (tail >> 32) != 0;
}

/* A new, empty ring with a name of its own. A new file's entries are zero as they are, and take no memory of ours
 * until they are used. */
static int ring_begin(struct ring *ring, bool had_content)
{
    uint32_t name = 0;
    do {
        if (getrandom(&name, sizeof(name), 0) != (ssize_t)sizeof(name))
            return -1;
    } while (name == 0 || name > UINT32_MAX / 2); /* room to count on beyond 32 bits */
    ring->header->magic = 0;
    atomic_thread_fence(memory_order_release);
    if (had_content)
        memset(ring->entries, 0, ring->capacity * sizeof(*ring->entries));
    ring->header->entry_size = sizeof(struct ring_entry);
    ring->header->capacity = ring->capacity;
    ring->header->boot = this_boot();
    atomic_store(&ring->header->head, (uint64_t)name << 32);
    atomic_store(&ring->header->tail, (uint64_t)name << 32);
    atomic_store(&ring->header->keys_from, (uint64_t)name << 32);
    atomic_thread_fence(memory_order_release);
    ring->header->magic = RING_MAGIC;
    return 0;
}

static bool any_damaged(const struct ring *ring)
{
    for (uint64_t origin = ring_tail(ring) + 1; origin <= ring_head(ring); origin++) {
        if (entry_of(ring, origin) == NULL)
            return true;
    }
    return false;
}

/* Takes over what the file holds, or begins anew. *lost as in ring_open. */
static int ring_adopt(struct ring *ring, bool had_content, bool *lost)
{
    bool damaged = false;
    if (had_content && header_is_ours(ring->header, ring->capacity)) {
        damaged = any_damaged(ring); /* these are left out by ring_next; the others are still good */
    } else {
        damaged = had_content;
        if (ring_begin(ring, had_content) != 0)
            return -1;
    }
    if (lost != NULL)
        *lost = damaged;
    return 0;
}

/* The file at its right size, with its blocks reserved: a full tmpfs must show here, not as SIGBUS later. */
static int ring_file(const char *path, size_t bytes, bool *had_content)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return -1;
    struct stat info;
    int error = 0;
    if (fstat(fd, &info) != 0) {
        error = errno;
    } else {
        *had_content = info.st_size > 0;
        if (info.st_size != (off_t)bytes && ftruncate(fd, 0) != 0)
            error = errno;
        else
            error = posix_fallocate(fd, 0, (off_t)bytes);
    }
    if (error != 0) {
        close(fd);
        errno = error;
        return -1;
    }
    return fd;
}

struct ring *ring_open(const char *path, size_t capacity, bool *lost)
{
    if (capacity == 0 || (capacity & (capacity - 1)) != 0 || capacity > UINT32_MAX / 2) {
        errno = EINVAL;
        return NULL;
    }
    struct ring *ring = calloc(1, sizeof(*ring));
    if (ring == NULL)
        return NULL;
    ring->capacity = capacity;
    ring->bytes = sizeof(struct ring_header) + capacity * sizeof(struct ring_entry);
    bool had_content = false;
    int fd = ring_file(path, ring->bytes, &had_content);
    void *map = fd < 0 ? MAP_FAILED : mmap(NULL, ring->bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    int error = errno;
    if (fd >= 0)
        close(fd);
    if (map == MAP_FAILED) {
        free(ring);
        errno = error;
        return NULL;
    }
    ring->header = map;
    ring->entries = (struct ring_entry *)(void *)(ring->header + 1);
    if (ring_adopt(ring, had_content, lost) != 0) {
        error = errno;
        ring_close(ring);
        errno = error;
        return NULL;
    }
    return ring;
}

void ring_close(struct ring *ring)
{
    if (ring == NULL)
        return;
    munmap(ring->header, ring->bytes);
    free(ring);
}

void ring_bind_none(struct ring *ring)
{
    memset(ring->names, 0, sizeof(ring->names));
    ring->bound = false;
}

void ring_bind(struct ring *ring, uint16_t slot, const char *sensor)
{
    if (slot >= SENSORS_MAX)
        return;
    ring->names[slot] = hash_text(HASH_START, sensor);
    ring->bound = true;
}

/* The slot that this reading's sensor has now; false: there is no such sensor. */
static bool find_slot(const struct ring *ring, const struct ring_entry *entry, uint16_t *slot)
{
    *slot = entry->reading.sensor;
    if (!ring->bound || entry->sensor == 0 || (*slot < SENSORS_MAX && ring->names[*slot] == entry->sensor))
        return true;
    for (uint16_t i = 0; i < SENSORS_MAX; i++) {
        if (ring->names[i] != entry->sensor)
            continue;
        *slot = i;
        return true;
    }
    return false;
}

bool ring_add(struct ring *ring, struct reading *reading)
{
    if (ring_free(ring) == 0)
        return false;
    reading->origin = ring_head(ring) + ++ring->hidden;
    struct ring_entry *entry = &ring->entries[reading->origin & (ring->capacity - 1)];
    entry->reading = *reading;
    entry->sensor = reading->sensor < SENSORS_MAX ? ring->names[reading->sensor] : 0;
    entry->checksum = checksum(reading, entry->sensor);
    return true;
}

void ring_show(struct ring *ring)
{
    if (ring->hidden == 0)
        return;
    atomic_store_explicit(&ring->header->head, ring_head(ring) + ring->hidden, memory_order_release);
    ring->hidden = 0;
}

bool ring_put(struct ring *ring, struct reading *reading)
{
    if (!ring_add(ring, reading))
        return false;
    ring_show(ring);
    return true;
}

bool ring_drop_oldest(struct ring *ring)
{
    if (ring_used(ring) == 0)
        return false;
    atomic_store_explicit(&ring->header->tail, ring_tail(ring) + 1, memory_order_release);
    return true;
}

void ring_forget(struct ring *ring, uint64_t origin)
{
    if (origin > ring_tail(ring) && origin <= ring_head(ring))
        atomic_store_explicit(&ring->header->tail, origin, memory_order_release);
}

bool ring_next(const struct ring *ring, uint64_t after, struct reading *reading)
{
    uint64_t head = ring_head(ring), tail = ring_tail(ring);
    bool future_of_ours = after > head && after >> 32 == head >> 32;
    if (future_of_ours)
        return false;
    uint64_t from = after >= tail && after <= head ? after : tail; /* an origin of another ring: from the oldest */
    for (uint64_t origin = from + 1; origin <= head; origin++) {
        const struct ring_entry *entry = entry_of(ring, origin);
        uint16_t slot = 0;
        if (entry != NULL && find_slot(ring, entry, &slot)) {
            *reading = entry->reading;
            reading->sensor = slot;
            return true;
        }
    }
    return false;
}

size_t ring_used(const struct ring *ring)
{
    return (size_t)(ring_head(ring) - ring_tail(ring));
}

size_t ring_free(const struct ring *ring)
{
    return ring->capacity - ring_used(ring) - (size_t)ring->hidden;
}

size_t ring_recent_keys(const struct ring *ring, uint64_t *keys, size_t n)
{
    /* Youngest first into the end of the array, then moved to its front. */
    uint64_t head = ring_head(ring);
    uint64_t from = atomic_load_explicit(&ring->header->keys_from, memory_order_acquire);
    size_t found = 0;
    for (size_t back = 0; back < ring->capacity && found < n && head - back > from; back++) {
        const struct ring_entry *entry = entry_of(ring, head - back);
        if (entry == NULL)
            break;
        if (entry->reading.source_key != 0)
            keys[n - ++found] = entry->reading.source_key;
    }
    memmove(keys, keys + (n - found), found * sizeof(*keys));
    return found;
}

void ring_forget_keys(struct ring *ring)
{
    atomic_store_explicit(&ring->header->keys_from, ring_head(ring), memory_order_release);
}
