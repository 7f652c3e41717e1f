/** What the user's terminal shows. */
package io.batchwright.ui;
