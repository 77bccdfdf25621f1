; INT 13h, functions 00h and 02h to 04h: reset, and sectors read, written and verified.

floppy_reset:
        call floppy_drive_type
        and byte [bda.recalibrated], 0x70
        call fdc_reset
        jmp floppy_motor_later

floppy_read:
        mov al, 0x46                    ; to memory
        jmp floppy_transfer
floppy_write:
        mov al, 0x4a                    ; from memory
        jmp floppy_transfer
floppy_verify:
        mov al, 0
; AL = DMA mode, 0 for verify.
floppy_transfer:
        mov bh, al
        call floppy_drive_entry
        mov ah, disk_bad_command
        jc .fail_now
        mov cl, [caller_al]
        test cl, cl
        jz .fail_now
        test byte [caller_dh], 0xfe
        jnz .fail_now
        mov byte [bda.fdc_result + 6], 0
        push bx
        call floppy_ready
        pop bx
        jc .fail
        mov cx, 2                       ; attempts
.attempt:
        push cx
        call floppy_attempt
        pop cx
        jnc .good
        cmp ah, disk_write_protected
        je .fail
        cmp ah, disk_dma_boundary
        je .fail
        dec cx
        jz .fail
        push ax                         ; other disk, or heads astray: look again
        push bx
        mov cx, di
        mov al, 1
        shl al, cl
        not al
        and [bda.recalibrated], al
        call floppy_sense
        pop bx
        pop ax
        jc .fail
        mov cx, 1
        jmp .attempt
.good:
        mov ah, 0
        jmp floppy_motor_later
.fail:
        call floppy_moved
        jmp floppy_motor_later
.fail_now:
        mov byte [caller_al], 0
        ret

; After a failure: AL = sectors before it, by where the controller stopped. Keeps AH.
floppy_moved:
        push ax
        mov al, 0
        cmp ah, disk_timeout
        je .known
        cmp ah, disk_changed
        je .known
        cmp ah, disk_dma_boundary
        je .known
        cmp byte [bda.fdc_result + 6], 2        ; no result came at all
        jne .known
        mov al, [bda.fdc_result + 5]
        sub al, [caller_cl]
        mov ah, [bda.fdc_result + 4]
        cmp ah, [caller_dh]
        je .known
        push bx
        push ax
        mov bl, 4
        call floppy_parameter
        mov bl, al
        pop ax
        add al, bl
        pop bx
.known:
        cmp al, [caller_al]
        jbe .sensible
        mov al, 0
.sensible:
        mov [caller_al], al
        pop ax
        ret

; One attempt at a transfer, BH = DMA mode.
floppy_attempt:
        mov al, [caller_ch]
        test byte [di + bda.floppy_media], 0x20
        jz .single
        shl al, 1
.single:
        call fdc_seek
        jc .done
        test bh, bh
        jz .verify
        mov ch, [caller_al]             ; sectors * 512
        mov cl, 0
        shl cx, 1
        mov ah, disk_dma_boundary
        jc .done
        mov al, bh
        call dma_program
        jc .done
        call fdc_expect
        mov al, fdc_cmd_read
        cmp bh, 0x46
        je .command
        or byte [bda.motors], 0x80
        mov al, fdc_cmd_write
.command:
        call fdc_out
        jc .hung
        call .address
        mov bl, 4
        call floppy_parameter           ; last sector
        call fdc_out
        call .gap
        jc .hung
.end:
        call fdc_wait
        jc .done
        call fdc_results
        jc .hung
        and byte [bda.motors], 0x7f
        call fdc_status
.done:
        ret
.hung:
        call fdc_reset
        mov ah, disk_controller
        stc
        ret
; Head and drive, then where the sector says it is.
.address:
        mov al, [caller_dh]
        shl al, 1
        shl al, 1
        mov cx, di
        or al, cl
        call fdc_out
        mov al, [caller_ch]
        call fdc_out
        mov al, [caller_dh]
        call fdc_out
        mov al, [caller_cl]
        call fdc_out
        mov bl, 3
        call floppy_parameter           ; sector size
        jmp fdc_out
.gap:
        mov bl, 5
        call floppy_parameter
        call fdc_out
        mov bl, 6
        call floppy_parameter
        jmp fdc_out
; The controller's own VERIFY needs no memory: up to the last sector asked for.
.verify:
        call fdc_expect
        mov al, fdc_cmd_verify
        call fdc_out
        jc .hung
        call .address
        mov al, [caller_cl]
        add al, [caller_al]
        dec al
        call fdc_out
        call .gap
        jc .hung
        jmp .end
