package dev.hookseal

import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow

/** All items of a list, page after page. */
internal fun <Item> paged(page: suspend (cursor: Long?) -> Pair<List<Item>, Long?>): Flow<Item> =
    flow {
        var cursor: Long? = null
        do {
            val (items, next) = page(cursor)
            items.forEach { emit(it) }
            cursor = next
        } while (cursor != null)
    }

/** The core says what is wrong with a size that makes no sense. */
internal fun size(limit: Int): UInt = limit.coerceAtLeast(0).toUInt()
